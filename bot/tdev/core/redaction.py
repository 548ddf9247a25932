"""Text without credentials: what may be logged, posted or kept in a transcript.

Last line before text leaves: transcripts pass through it as they are written. It errs on the side of removing. Values
of the run's own secrets are found in whatever form (redaction_own.py), others by the shapes that providers publish
(redaction_kinds.py), and where text is posted also by looking random (redaction_entropy.py).
Searching a change for committed credentials is another task, done by programs made for it (tools/secrets.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tdev.core.redaction_entropy import likely_secrets
from tdev.core.redaction_kinds import TOKEN_KINDS, TokenKind
from tdev.core.redaction_own import own_spans


def redact(text: str, own: Iterable[str] = ()) -> str:
    """The text with every credential replaced by `[redacted:<kind>]`; redacting twice changes nothing more.

    `own` are secret values of this run: they are taken out whatever they look like and however they are written, also
    encoded, packed, backwards, or spread over lines. Values shorter than redaction_own.SHORTEST are left alone.
    """
    text = _without(text, ((start, end, "own") for start, end in own_spans(text, own)))
    for kind in hinted(text):
        text = kind.pattern.sub(lambda match, name=kind.name: _without_secret(match, name), text)  # type: ignore[misc]
    return text


def redact_likely(text: str, own: Iterable[str] = ()) -> str:
    """Like `redact`, and without tokens that look random enough to be a secret; for text that others will read."""
    text = redact(text, own)
    return _without(text, ((guess.start, guess.end, "likely") for guess in likely_secrets(text)))


def kinds_in(text: str) -> tuple[str, ...]:
    """Names of the kinds of credential the text holds, without the text itself."""
    return tuple(kind.name for kind in hinted(text) if kind.pattern.search(text))


def hinted(text: str) -> list[TokenKind]:
    """The kinds of which a match is possible: a plain search for a hint is far quicker than a pattern."""
    lower = text.lower()
    return [kind for kind in TOKEN_KINDS if any(hint in (lower if kind.any_case else text) for hint in kind.hints)]


def _without(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    kept: list[str] = []
    place = 0
    for start, end, name in spans:
        kept += [text[place:start], f"[redacted:{name}]"]
        place = end
    return "".join(kept) + text[place:] if kept else text


def _without_secret(match: re.Match[str], name: str) -> str:
    whole = match.group()
    if "secret" not in match.re.groupindex:
        return f"[redacted:{name}]"
    start, end = match.span("secret")
    return f"{whole[: start - match.start()]}[redacted:{name}]{whole[end - match.start() :]}"
