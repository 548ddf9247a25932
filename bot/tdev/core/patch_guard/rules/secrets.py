"""Credentials in added lines, names, commit messages and the branch's name: whoever reads the repository has them.

The shapes are those of core/redaction_kinds.py. Shapes that a made-up value in a test fits as well count only where the
value looks random, and so do values of no known shape (core/redaction_entropy.py). Credentials of our own process are
found however they are written (core/redaction_own.py). Every commit is looked at, for what a later one takes out again
is still in the branch.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from tdev.core.documented_keys import is_documented
from tdev.core.patch_guard.change import Change, Line
from tdev.core.patch_guard.rule import Bounds, Hit
from tdev.core.public_pem import public_spans
from tdev.core.redaction import hinted
from tdev.core.redaction_entropy import entropy, likely_secrets
from tdev.core.redaction_own import own_spans

_LOOSE = frozenset(
    {"assigned-secret", "secret-variable", "password-in-url", "api-key-header", "authorization-header", "mailchimp-key"}
)
_MOST = 20_000
_SHORTEST_RANDOM = 20
_RANDOM_BITS = 3.6


def secrets(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each place that holds a credential, with its kind and never its value."""
    own = bounds.own_secrets
    for file in (*change.files, *change.history):
        if file.after is not None:
            for kind in secret_kinds(file.path, own):
                yield Hit("", 0, f"the name of a file is a credential: {kind}")
        for line, kind in _in_lines(file.added, own):
            yield Hit(file.path, line, f"the line holds a credential: {kind}")
    for commit in change.commits:
        for kind in secret_kinds(f"{commit.message}\n{commit.people}", own):
            yield Hit("", 0, f"the message of commit {commit.sha[:10]} holds a credential: {kind}")
    for kind in secret_kinds(change.branch, own):
        yield Hit("", 0, f"the name of the branch is a credential: {kind}")


def secret_kinds(text: str, own: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Names of the kinds of credential that the text holds."""
    return tuple(dict.fromkeys(kind for _, kind in _found(text, own)))


def _in_lines(lines: tuple[Line, ...], own: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """1-based line and kind; the lines are searched together, so that a key over several lines is seen."""
    texts = [line.text[:_MOST] for line in lines]
    starts = [0, *accumulate(len(each) + 1 for each in texts)]
    for place, kind in _found("\n".join(texts), own):
        yield lines[bisect_right(starts, place) - 1].number, kind


def _found(text: str, own: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Where a credential begins, and its kind."""
    for start, _ in own_spans(text, own):
        yield start, "one of ours"
    for kind in hinted(text):
        for match in kind.pattern.finditer(text):
            secret = "secret" if "secret" in match.re.groupindex else 0
            value = match.group(secret)
            if not is_documented(value) and (kind.name not in _LOOSE or _random(value)):
                yield match.start(secret), kind.name
    public = public_spans(text) if "-----BEGIN" in text else ()
    for guess in likely_secrets(text):
        shown = is_documented(text[guess.start : guess.end])
        if not shown and not any(start <= guess.start < end for start, end in public):
            yield guess.start, guess.reason


def _random(value: str) -> bool:
    """True when a value has the length and the mixture of characters of something made by a generator."""
    if len(value) < _SHORTEST_RANDOM or not (any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
        return False
    return entropy(value) >= _RANDOM_BITS
