"""What a project asks of mypy, as settings that are safe to hand to it: bars, never programs, places or plug-ins.

Comes in: the texts of a project's files of settings. Goes out: an INI file of our own. Only what makes mypy stricter or
laxer about code is taken over; plug-ins (they are code), paths, caches and reports are not. What can't be known where
the project's dependencies are not installed is not asked for, so an import that is missing is no error of the change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tdev.core.manifests.documents import parse_ini, parse_toml, table, tables

FILES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
"""Where mypy looks for settings, in its order."""
CANARY = "tdev_canary"
"""A module of ours whose note proves that mypy looked."""

_FLAGS = frozenset(
    {
        "strict", "check_untyped_defs", "disallow_untyped_defs", "disallow_incomplete_defs", "disallow_untyped_calls",
        "disallow_any_generics", "implicit_optional", "no_implicit_optional", "strict_optional", "strict_equality",
        "strict_bytes", "extra_checks", "warn_redundant_casts", "warn_unreachable", "warn_no_return",
        "implicit_reexport", "no_implicit_reexport", "ignore_errors", "local_partial_types", "allow_redefinition",
        "allow_untyped_globals", "warn_incomplete_stub",
    }
)  # fmt: skip
_CODES = ("disable_error_code", "enable_error_code")
_KNOWN_CODES = frozenset(
    {
        "arg-type", "assignment", "attr-defined", "call-arg", "call-overload", "deprecated", "dict-item", "empty-body",
        "exhaustive-match", "explicit-override", "func-returns-value", "has-type", "import", "import-not-found",
        "import-untyped", "index", "literal-required", "method-assign", "misc", "mutable-override", "name-defined",
        "no-any-return", "no-redef", "no-untyped-call", "no-untyped-def", "operator", "override",
        "possibly-undefined", "redundant-expr", "return", "return-value", "str-bytes-safe", "truthy-bool",
        "truthy-function", "truthy-iterable", "type-abstract", "type-arg", "type-var", "typeddict-item",
        "union-attr", "unreachable", "unused-awaitable", "unused-coroutine", "valid-type", "var-annotated",
    }
)  # fmt: skip
_UNKNOWABLE = (
    "warn_unused_ignores", "warn_unused_configs", "warn_return_any", "disallow_subclassing_any",
    "disallow_untyped_decorators", "disallow_any_unimported", "disallow_any_expr", "disallow_any_decorated",
    "disallow_any_explicit",
)  # fmt: skip
_MODULES = re.compile(r"[\w.*]{1,200}")
_VERSION = re.compile(r"3\.(1[0-9])")
_LITERAL = re.compile(r"\^?[\w/.\\-]{1,200}\$?")
_TRUE = ("true", "yes", "on", "1")


class TypeSettings(NamedTuple):
    """What a project asks for."""

    ini: str
    """Settings for mypy."""
    only: tuple[str, ...] = ()
    """Files or folders to look at, POSIX; empty = all."""
    leave_out: tuple[str, ...] = ()
    """Patterns of paths to leave out: a piece of a path, or with `^` its beginning."""

    def wants(self, path: str) -> bool:
        """Whether a file is to be looked at."""
        inside = not self.only or any(path == one or path.startswith(f"{one}/") for one in self.only)
        return inside and not any(_fits(path, pattern) for pattern in self.leave_out)


def configures_types(path: str, text: str) -> bool:
    """Whether a file of settings says that the project's types are checked, by mypy or pyright."""
    name = path.rpartition("/")[2]
    if name == "pyproject.toml":
        said = table(parse_toml(text), "tool")
        return any(isinstance(said.get(tool), dict) for tool in ("mypy", "pyright", "basedpyright"))
    return name in ("mypy.ini", ".mypy.ini", "pyrightconfig.json") or (name == "setup.cfg" and "[mypy]" in text)


def type_settings(settings: Mapping[str, str], folder: str = ".") -> TypeSettings:
    """The settings that hold, by path and text: those at the root, else those in the project's `folder`."""
    places = [*FILES, *(f"{folder}/{name}" for name in FILES if folder != ".")]
    for path in places:
        sections = dict(_sections(path, settings[path])) if path in settings else {}
        if sections:
            return _cleaned(sections)
    return _cleaned({"": {}})


def _sections(path: str, text: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Settings by pattern of modules; the empty pattern is for all."""
    if path.endswith(".toml"):
        said = table(parse_toml(text), "tool", "mypy")
        if said:
            yield "", said
        for override in tables(said, "overrides"):
            named = override.get("module", ())
            for module in [named] if isinstance(named, str) else named if isinstance(named, list) else ():
                yield str(module), override
        return
    for name, section in parse_ini(text).items():
        if name == "mypy":
            yield "", dict(section)
        elif name.startswith("mypy-"):
            yield from ((module.strip(), dict(section)) for module in name.removeprefix("mypy-").split(","))


def _cleaned(sections: Mapping[str, Mapping[str, object]]) -> TypeSettings:
    """Our own file of what may be taken over."""
    whole = sections.get("", {})
    lines = ["[mypy]", *_lines(whole), *(f"{name} = False" for name in _UNKNOWABLE)]
    version = str(whole.get("python_version", ""))
    if _VERSION.fullmatch(version):
        lines.append(f"python_version = {version}")
    for module, section in sections.items():
        if module and _MODULES.fullmatch(module):
            lines += [f"[mypy-{module}]", *_lines(section, whole=False)]
    lines += [f"[mypy-{CANARY}]", "ignore_errors = False"]
    left_out = [one for one in _listed(whole.get("exclude", ()), "\n") if _LITERAL.fullmatch(one)]
    only = [one.removeprefix("./").rstrip("/") for one in _listed(whole.get("files", ()), ",")]
    plain = tuple(one for one in only if "*" not in one and one != ".")
    return TypeSettings("\n".join(lines) + "\n", plain if len(plain) == len(only) else (), tuple(left_out))


def _lines(section: Mapping[str, object], *, whole: bool = True) -> Iterator[str]:
    for name, value in section.items():
        if name in _FLAGS and (whole or name != "strict"):
            yield f"{name} = {str(value).strip().lower() in _TRUE}"
        elif name in _CODES:
            known = [code for code in _listed(value, ",") if code in _KNOWN_CODES]
            if known:
                yield f"{name} = {', '.join(known)}"


def _listed(value: object, separator: str) -> list[str]:
    """A list, or a text of several, as words."""
    words = value if isinstance(value, list) else str(value).split(separator) if value else ()
    return [word.strip() for word in map(str, words) if word.strip()]


def _fits(path: str, pattern: str) -> bool:
    plain = pattern.replace("\\", "").rstrip("$")
    return path.startswith(plain[1:]) if plain.startswith("^") else plain in path
