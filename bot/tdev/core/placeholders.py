"""Values that stand where a credential will be, names of fields, and logins of this machine alone: `change-me`,
`TOKEN_HEADER = "X-Token"`, `postgres://me@localhost`.

Comes in: lines in which a program found what may be a credential, by its name or place. Goes out: whether they hold
none. A placeholder is told by its whole value and never by a part of it, or a real one could be written so that it
passes.
"""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(
    r"(?:please[-_ ]?)?(?:change|replace|fill|set|insert)[-_ ]?(?:me|this|it|in|here)(?:[-_ ]?(?:please|now))?[.!]*"
    r"|your[-_ ][a-z]+(?:[-_ ][a-z]+){0,4}|<[^<>]{1,60}>|\[[a-z _-]{1,40}\]"
    r"|x{3,}|\*{3,}|\.{3}|…|todo|tbd|none|null|dummy|placeholder|example|redacted"
    r"|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|\$?\{\{[^{}]{1,80}\}\}|%\([A-Za-z_]+\)s",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"^([^=:]*)(?::=|[=:])\s*(.+?)\s*[,;]?\s*(?:\s#.*)?$")
_NAMES_ONE = re.compile(
    r"(?:\w*_)?(?:field|header|name|param|parameter|column|cookie|label|env|variable)\W*", re.IGNORECASE
)
_NAME = re.compile(r"[A-Za-z]+(?:[-_][A-Za-z]+){0,4}")
_LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^\s:/@\"']*:[^\s/@\"']*@(\[[0-9a-f:]+\]|[^\s/:?\"'\[\]]+)", re.IGNORECASE)
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"})  # noqa: S104


def holds_no_credential(line: str) -> bool:
    """True when a line's only value is a placeholder or the name of a field, or all its logins are for this machine."""
    if len(line) > 1000:
        return False
    hosts = _LOGIN.findall(line)
    if hosts:
        return all(host.lower() in _HERE for host in hosts)
    match = _ASSIGNED.match(line.strip())
    if not match:
        return False
    value = match[2].strip("\"'` ")
    named = _NAMES_ONE.fullmatch(match[1].strip()) and _NAME.fullmatch(value)
    return bool(named or _PLACEHOLDER.fullmatch(value))
