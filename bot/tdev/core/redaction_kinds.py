"""The shapes of credentials, as their providers publish them: what a token of each kind looks like.

More certain ones come first, since each later pattern sees what the earlier ones left. Patterns are bounded
everywhere: the text may be made to slow them down. A new kind needs a row here and a sample in its test.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class TokenKind(NamedTuple):
    """One shape a credential may have."""

    name: str
    """Stands in the text in its place."""
    hints: tuple[str, ...]
    """Texts of which each match holds one; a pattern is only tried where a hint is found, which is far quicker."""
    any_case: bool
    """The hints are in lower case and the text may write them as it likes."""
    pattern: re.Pattern[str]
    """What it looks like; where it has a group `secret`, only that part is taken out."""


def _kind(name: str, hints: str, pattern: str, flags: int = 0) -> TokenKind:
    """A row; a pattern that begins with _START gets its first letters in front of that, which makes searching quick."""
    begun = pattern.removeprefix(_START)
    first = _LITERAL.match(begun)
    if begun != pattern and first:
        pattern = f"{first.group()}(?<![A-Za-z0-9]{first.group()}){begun[first.end() :]}"
    return TokenKind(name, tuple(hints.split()), "(?i:" in pattern, re.compile(pattern, flags))


_LITERAL = re.compile(r"[A-Za-z0-9_-]+(?![{?*+A-Za-z0-9_-])")
_START = r"(?<![A-Za-z0-9])"
_END = r"(?![A-Za-z0-9])"
_QUOTE = r"\\{0,3}[\"']"

TOKEN_KINDS: tuple[TokenKind, ...] = (
    _kind(
        "private-key",
        "PRIVATE",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:[^-]|-(?!----BEGIN )){0,8000}?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"|[A-Za-z0-9+/=\s\\:,-]*)",
        re.DOTALL,
    ),
    _kind("age-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _kind("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", _START + r"gh[pousr]_[A-Za-z0-9]{30,255}"),
    _kind("github-fine-grained-token", "github_pat_", _START + r"github_pat_[A-Za-z0-9_]{30,255}"),
    _kind(
        "gitlab-token",
        "glpat- glptt- gldt- glrt- glcbt- glft- glagent- glsoat-",
        _START + r"gl(?:pat|ptt|dt|rt|cbt|ft|agent|soat)-[A-Za-z0-9_.-]{20,300}",
    ),
    _kind("anthropic-key", "sk-ant-", _START + r"sk-ant-[A-Za-z0-9_-]{16,300}"),
    _kind("openrouter-key", "sk-or-v1-", _START + r"sk-or-v1-[0-9a-f]{32,128}"),
    _kind("openai-key", "sk-", _START + r"sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,300}"),
    _kind("xai-key", "xai-", _START + r"xai-[A-Za-z0-9]{60,120}"),
    _kind("groq-key", "gsk_", _START + r"gsk_[A-Za-z0-9]{40,80}"),
    _kind("perplexity-key", "pplx-", _START + r"pplx-[A-Za-z0-9]{40,80}"),
    _kind("replicate-token", "r8_", _START + r"r8_[A-Za-z0-9]{36,42}" + _END),
    _kind("huggingface-token", "hf_ api_org_", _START + r"(?:hf|api_org)_[A-Za-z]{30,60}" + _END),
    _kind("aws-access-key-id", "AKIA ASIA ABIA ACCA", _START + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}" + _END),
    _kind(
        "aws-secret-key",
        "aws",
        r"(?i:aws.{0,20}?(?:secret|session|sk).{0,20}?[=:]\s{0,4}\\{0,3}[\"']?)"
        r"(?P<secret>[A-Za-z0-9/+]{40}=*)(?![A-Za-z0-9/+])",
    ),
    _kind("google-api-key", "AIza", _START + r"AIza[0-9A-Za-z_-]{35}"),
    _kind("google-oauth-token", "ya29.", _START + r"ya29\.[0-9A-Za-z_-]{20,1200}"),
    _kind("google-oauth-secret", "GOCSPX-", _START + r"GOCSPX-[0-9A-Za-z_-]{28}"),
    _kind(
        "azure-key",
        "accountkey sharedaccesskey",
        r"(?i:(?:Account|SharedAccess)Key\s?=\s?)(?P<secret>[A-Za-z0-9+/]{40,100}={0,2})",
    ),
    _kind("azure-client-secret", "Q~", _START + r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    _kind("slack-token", "xox", _START + r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,400}"),
    _kind("slack-app-token", "xapp-", _START + r"xapp-[0-9]-[A-Z0-9]{5,20}-[0-9]{5,20}-[a-z0-9]{20,120}"),
    _kind(
        "slack-webhook",
        "hooks.slack.com",
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/_-]{20,120})",
    ),
    _kind(
        "discord-webhook",
        "/api/webhooks/",
        r"https://(?:\w{1,10}\.)?discord(?:app)?\.com/api/webhooks/(?P<secret>[0-9]{5,30}/[A-Za-z0-9_-]{20,120})",
    ),
    _kind("discord-token", ".", _START + r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}"),
    _kind("telegram-token", ":AA", _START + r"[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}"),
    _kind("stripe-key", "sk_live_ sk_test_ rk_live_ rk_test_", _START + r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,250}"),
    _kind("stripe-webhook-secret", "whsec_", _START + r"whsec_[A-Za-z0-9+/=]{20,250}"),
    _kind("square-token", "EAAA sq0", _START + r"(?:EAAA[A-Za-z0-9_-]{60}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,60})"),
    _kind("shopify-token", "shp", _START + r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _kind("sendgrid-key", "SG.", _START + r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"),
    _kind("mailgun-key", "key-", _START + r"key-[0-9a-f]{32}" + _END),
    _kind("mailchimp-key", "-us", _START + r"[0-9a-f]{32}-us[0-9]{1,2}" + _END),
    _kind("twilio-key", "SK", _START + r"SK[0-9a-f]{32}" + _END),
    _kind("npm-token", "npm_", _START + r"npm_[A-Za-z0-9]{36}" + _END),
    _kind("pypi-token", "pypi-", _START + r"pypi-[A-Za-z0-9_-]{50,400}"),
    _kind("rubygems-key", "rubygems_", _START + r"rubygems_[0-9a-f]{48}"),
    _kind("docker-token", "dckr_", _START + r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,80}"),
    _kind("digitalocean-token", "_v1_", _START + r"do[opr]_v1_[0-9a-f]{64}"),
    _kind("databricks-token", "dapi", _START + r"dapi[0-9a-f]{32}(?:-[0-9])?"),
    _kind("heroku-key", "HRKU-", _START + r"HRKU-[A-Za-z0-9_-]{30,80}"),
    _kind("vault-token", "hvs. hvb. hvr.", _START + r"hv[sbr]\.[A-Za-z0-9_-]{24,300}"),
    _kind("terraform-token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}"),
    _kind("pulumi-token", "pul-", _START + r"pul-[0-9a-f]{40}"),
    _kind("doppler-token", "dp.", _START + r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,60}"),
    _kind("grafana-token", "glsa_ glc_", _START + r"gl(?:sa|c)_[A-Za-z0-9+/_]{32,400}={0,2}"),
    _kind("sentry-token", "sntry", _START + r"sntry[su]_[A-Za-z0-9+/=_-]{40,400}"),
    _kind("newrelic-key", "NRAK-", _START + r"NRAK-[A-Z0-9]{27}"),
    _kind("postman-key", "PMAK-", _START + r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _kind("linear-key", "lin_", _START + r"lin_(?:api|oauth)_[A-Za-z0-9]{32,80}"),
    _kind("notion-token", "ntn_ secret_", _START + r"(?:ntn|secret)_[A-Za-z0-9]{40,50}" + _END),
    _kind("atlassian-token", "ATATT3", _START + r"ATATT3[A-Za-z0-9_=-]{60,300}"),
    _kind("supabase-key", "sbp_ sb_secret_", _START + r"sb(?:p|_secret)_[A-Za-z0-9_]{20,80}"),
    _kind("planetscale-token", "pscale_", _START + r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,80}"),
    _kind(
        "json-web-token",
        "eyJ",
        _START + r"eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{0,1200}",
    ),
    _kind(
        "authorization-header",
        "authorization",
        r"(?i:authorization(?:" + _QUOTE + r")?\s{0,4}[:=]\s{0,4}(?:" + _QUOTE + r")?(?:bearer|basic|token)\s{1,4})"
        r"(?P<secret>[^\s\"'\\\[]{8,4000})",
    ),
    _kind(
        "api-key-header",
        "x-api-key x-auth-token x-goog-api-key",
        r"(?i:x-(?:api-key|auth-token|goog-api-key)(?:" + _QUOTE + r")?\s{0,4}[:=]\s{0,4}(?:" + _QUOTE + r")?)"
        r"(?P<secret>[^\s\"'\\\[]{8,400})",
    ),
    _kind(
        "password-in-url",
        "://",
        r"[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:(?P<secret>[^\s/@\"'<>\[{$]{1,200})@",
    ),
    _kind(
        "assigned-secret",
        "passw secret key token",
        r"(?i:passw(?:or)?d|secret|api_?key|access_?key|auth_?token|access_?token|client_?secret|private_?token)"
        r"(?:" + _QUOTE + r")?\s{0,4}[:=]\s{0,4}" + _QUOTE + r"(?P<secret>[^\s\"'\\\[{]{8,400})(?=\\{0,3}[\"'])",
    ),
    _kind(
        "secret-variable",
        "PASSWORD SECRET TOKEN API_KEY APIKEY ACCESS_KEY",
        r"(?m:^|(?<=[\s;]))(?:export )?[A-Z0-9_]{0,60}(?:PASSWORD|SECRET|TOKEN|API_?KEY|ACCESS_KEY)[A-Z0-9_]{0,30}="
        r"(?P<secret>[^\s\"'\\\[$<(]{8,400})",
    ),
)
"""Every shape that is recognised; the more certain ones first."""
