"""What can be imported of a package, and whether it is there to be started or loaded; read from text, no package runs.

Comes in: a list of well-known packages (policies/import-names.txt), or the files of an unpacked wheel's `.dist-info`
(https://packaging.python.org/en/latest/specifications/binary-distribution-format/). Goes out: names of modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_TYPES = re.compile(r"types-.+|.+-stubs")
_MODULE = re.compile(r"([A-Za-z_]\w*)(?:\.[\w.-]+\.(?:so|pyd)|\.(?:py|pyi|so|pyd))?", re.ASCII)
_FIRST = re.compile(r'"?([^,/"]+)"?([,/])')
_TOO_COMMON = frozenset(
    {"test", "tests", "testing", "doc", "docs", "example", "examples", "scripts", "build", "src", "bin", "__pycache__"}
)


def import_names(text: str) -> Mapping[str, tuple[str, ...]]:
    """Modules by package, from lines of a package and its modules; lines that begin with `#` say what the list is."""
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {words[0]: tuple(words[1:]) for words in lines if len(words) > 1}


def modules_in(record: str) -> frozenset[str]:
    """Top-level modules among the files of a RECORD, without folders that packages bring by mistake."""
    firsts = (_FIRST.match(line) for line in record.splitlines())
    found = (_module(first[1], first[2] == "/") for first in firsts if first)
    return frozenset(name for name in found if name and name not in _TOO_COMMON)


def is_for_checkers(name: str) -> bool:
    """Whether a normalised name is one of packages with types only, which nothing imports."""
    return _TYPES.fullmatch(name) is not None


def entry_point_groups(text: str) -> tuple[str, ...]:
    """The groups of an entry_points.txt: `console_scripts` for programs, other names for what others load."""
    return tuple(re.findall(r"^\s*\[\s*([^\]\s]+)\s*\]", text, re.MULTILINE))


def all_modules(modules: Iterable[str], name: str) -> frozenset[str]:
    """The modules of a package, with the name that it would have by its own name."""
    return frozenset({*modules, name.replace("-", "_")})


def _module(first: str, is_folder: bool) -> str:
    """The module that a file or folder at the top stands for; empty for none."""
    match = _MODULE.fullmatch(first)
    if match is None or (is_folder != (match[0] == match[1])):
        return ""
    return match[1]
