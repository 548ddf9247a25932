"""Text without credentials: what may be logged, posted or kept in a transcript.

Last line before text leaves: transcripts pass through it as they are written. It errs on the side of removing.
The shapes are those that providers publish for their tokens; more certain ones come first, since each later pattern
sees what the earlier ones left. Patterns are bounded everywhere: the text may be made to slow them down.
Searching a change for committed credentials is another task, done by programs made for it (tools/secrets.py).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

SHORTEST_OWN = 6
"""Values of the run shorter than this are left alone: they would match half of every text."""


class TokenKind(NamedTuple):
    """One shape a credential may have."""

    name: str
    """Stands in the text in its place."""
    pattern: re.Pattern[str]
    """What it looks like; where it has a group `secret`, only that part is taken out."""


def _kind(name: str, pattern: str, flags: int = 0) -> TokenKind:
    return TokenKind(name, re.compile(pattern, flags))


_START = r"(?<![A-Za-z0-9])"
_END = r"(?![A-Za-z0-9])"
_QUOTE = r"\\{0,3}[\"']"

TOKEN_KINDS: tuple[TokenKind, ...] = (
    _kind(
        "private-key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:.{0,8000}?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\:,-]*)",
        re.DOTALL,
    ),
    _kind("age-key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _kind("github-token", _START + r"gh[pousr]_[A-Za-z0-9]{30,255}"),
    _kind("github-fine-grained-token", _START + r"github_pat_[A-Za-z0-9_]{30,255}"),
    _kind("gitlab-token", _START + r"gl(?:pat|ptt|dt|rt|cbt|ft|agent|soat)-[A-Za-z0-9_.-]{20,300}"),
    _kind("anthropic-key", _START + r"sk-ant-[A-Za-z0-9_-]{16,300}"),
    _kind("openrouter-key", _START + r"sk-or-v1-[0-9a-f]{32,128}"),
    _kind("openai-key", _START + r"sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,300}"),
    _kind("xai-key", _START + r"xai-[A-Za-z0-9]{60,120}"),
    _kind("groq-key", _START + r"gsk_[A-Za-z0-9]{40,80}"),
    _kind("perplexity-key", _START + r"pplx-[A-Za-z0-9]{40,80}"),
    _kind("replicate-token", _START + r"r8_[A-Za-z0-9]{36,42}" + _END),
    _kind("huggingface-token", _START + r"(?:hf|api_org)_[A-Za-z]{30,60}" + _END),
    _kind("aws-access-key-id", _START + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}" + _END),
    _kind(
        "aws-secret-key",
        r"(?i:aws.{0,20}?(?:secret|session|sk).{0,20}?[=:]\s{0,4}\\{0,3}[\"']?)(?P<secret>[A-Za-z0-9/+]{40}=*)(?![A-Za-z0-9/+])",
    ),
    _kind("google-api-key", _START + r"AIza[0-9A-Za-z_-]{35}"),
    _kind("google-oauth-token", _START + r"ya29\.[0-9A-Za-z_-]{20,1200}"),
    _kind("google-oauth-secret", _START + r"GOCSPX-[0-9A-Za-z_-]{28}"),
    _kind("azure-key", r"(?i:(?:Account|SharedAccess)Key\s?=\s?)(?P<secret>[A-Za-z0-9+/]{40,100}={0,2})"),
    _kind("azure-client-secret", _START + r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    _kind("slack-token", _START + r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,400}"),
    _kind("slack-app-token", _START + r"xapp-[0-9]-[A-Z0-9]{5,20}-[0-9]{5,20}-[a-z0-9]{20,120}"),
    _kind("slack-webhook", r"https://hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/_-]{20,120})"),
    _kind("discord-webhook", r"https://(?:\w{1,10}\.)?discord(?:app)?\.com/api/webhooks/(?P<secret>[0-9]{5,30}/[A-Za-z0-9_-]{20,120})"),
    _kind("discord-token", _START + r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}"),
    _kind("telegram-token", _START + r"[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}"),
    _kind("stripe-key", _START + r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,250}"),
    _kind("stripe-webhook-secret", _START + r"whsec_[A-Za-z0-9+/=]{20,250}"),
    _kind("square-token", _START + r"(?:EAAA[A-Za-z0-9_-]{60}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,60})"),
    _kind("shopify-token", _START + r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _kind("sendgrid-key", _START + r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"),
    _kind("mailgun-key", _START + r"key-[0-9a-f]{32}" + _END),
    _kind("mailchimp-key", _START + r"[0-9a-f]{32}-us[0-9]{1,2}" + _END),
    _kind("twilio-key", _START + r"SK[0-9a-f]{32}" + _END),
    _kind("npm-token", _START + r"npm_[A-Za-z0-9]{36}" + _END),
    _kind("pypi-token", _START + r"pypi-[A-Za-z0-9_-]{50,400}"),
    _kind("rubygems-key", _START + r"rubygems_[0-9a-f]{48}"),
    _kind("docker-token", _START + r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,80}"),
    _kind("digitalocean-token", _START + r"do[opr]_v1_[0-9a-f]{64}"),
    _kind("databricks-token", _START + r"dapi[0-9a-f]{32}(?:-[0-9])?"),
    _kind("heroku-key", _START + r"HRKU-[A-Za-z0-9_-]{30,80}"),
    _kind("vault-token", _START + r"hv[sbr]\.[A-Za-z0-9_-]{24,300}"),
    _kind("terraform-token", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}"),
    _kind("pulumi-token", _START + r"pul-[0-9a-f]{40}"),
    _kind("doppler-token", _START + r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,60}"),
    _kind("grafana-token", _START + r"gl(?:sa|c)_[A-Za-z0-9+/_]{32,400}={0,2}"),
    _kind("sentry-token", _START + r"sntry[su]_[A-Za-z0-9+/=_-]{40,400}"),
    _kind("newrelic-key", _START + r"NRAK-[A-Z0-9]{27}"),
    _kind("postman-key", _START + r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _kind("linear-key", _START + r"lin_(?:api|oauth)_[A-Za-z0-9]{32,80}"),
    _kind("notion-token", _START + r"(?:ntn|secret)_[A-Za-z0-9]{40,50}" + _END),
    _kind("atlassian-token", _START + r"ATATT3[A-Za-z0-9_=-]{60,300}"),
    _kind("supabase-key", _START + r"sb(?:p|_secret)_[A-Za-z0-9_]{20,80}"),
    _kind("planetscale-token", _START + r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,80}"),
    _kind("json-web-token", _START + r"eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{0,1200}"),
    _kind(
        "authorization-header",
        r"(?i:authorization(?:" + _QUOTE + r")?\s{0,4}[:=]\s{0,4}(?:" + _QUOTE + r")?(?:bearer|basic|token)\s{1,4})"
        r"(?P<secret>[^\s\"'\\\[]{8,4000})",
    ),
    _kind(
        "api-key-header",
        r"(?i:x-(?:api-key|auth-token|goog-api-key)(?:" + _QUOTE + r")?\s{0,4}[:=]\s{0,4}(?:" + _QUOTE + r")?)"
        r"(?P<secret>[^\s\"'\\\[]{8,400})",
    ),
    _kind("password-in-url", r"[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:(?P<secret>[^\s/@\"'<>\[{$]{1,200})@"),
    _kind(
        "assigned-secret",
        r"(?i:passw(?:or)?d|secret|api_?key|access_?key|auth_?token|access_?token|client_?secret|private_?token)"
        r"(?:" + _QUOTE + r")?\s{0,4}[:=]\s{0,4}" + _QUOTE + r"(?P<secret>[^\s\"'\\\[{]{8,400})(?=\\{0,3}[\"'])",
    ),
    _kind(
        "secret-variable",
        r"(?m:^|(?<=[\s;]))(?:export )?[A-Z0-9_]{0,60}(?:PASSWORD|SECRET|TOKEN|API_?KEY|ACCESS_KEY)[A-Z0-9_]{0,30}="
        r"(?P<secret>[^\s\"'\\\[$<(]{8,400})",
    ),
)  # fmt: skip
"""Every shape that is recognised; the more certain ones first."""


def redact(text: str, own: Iterable[str] = ()) -> str:
    """The text with every credential replaced by `[redacted:<kind>]`; redacting twice changes nothing more.

    `own` are secret values of this run: they are taken out whatever they look like, also where they stand
    percent-encoded, Base64-encoded or inside a JSON string. Values shorter than SHORTEST_OWN are left alone.
    """
    forms = {form for value in own if len(value) >= SHORTEST_OWN for form in _forms(value)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "[redacted:own]")
    for kind in TOKEN_KINDS:
        text = kind.pattern.sub(lambda match, name=kind.name: _without_secret(match, name), text)  # type: ignore[misc]
    return text


def kinds_in(text: str) -> tuple[str, ...]:
    """Names of the kinds of credential the text holds, without the text itself."""
    return tuple(kind.name for kind in TOKEN_KINDS if kind.pattern.search(text))


def _without_secret(match: re.Match[str], name: str) -> str:
    whole = match.group()
    if "secret" not in match.re.groupindex:
        return f"[redacted:{name}]"
    start, end = match.span("secret")
    return f"{whole[: start - match.start()]}[redacted:{name}]{whole[end - match.start() :]}"


def _forms(value: str) -> set[str]:
    """How a value may be written down."""
    raw = value.encode("utf-8", "surrogatepass")
    encoded = (base64.b64encode(raw), base64.urlsafe_b64encode(raw), raw.hex().encode())
    forms = {value, value.strip(), quote(value, safe="", errors="replace"), json.dumps(value)[1:-1]}
    forms |= {form.decode().rstrip("=") for form in encoded}
    return {form for form in forms if len(form) >= SHORTEST_OWN}
