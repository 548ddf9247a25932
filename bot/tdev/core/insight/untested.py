"""Which modules no test imports, patches or is named after.

No test is run here. A module counts as touched when a test file imports it, names it in a string (as a patch does),
has its name (`test_plan.py` for `plan.py`), or imports a package whose `__init__` passes it on.
Dotted names are compared by their endings, because the folder that is on the path (`src`, the root) is not known.
Whether the tests exercise the code is coverage's question, asked by the tests gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdev.core.insight.material import Material, Place
from tdev.core.scan import FileFacts, is_test_path
from tdev.core.scan.symbols import is_public

_ENTRY_POINTS = frozenset({"__main__"})
_DEPTH = 20
"""Longest dotted name that is looked at, in parts."""


def untested_modules(material: Material) -> Iterator[Place]:
    """Modules with public functions that no test names, be it through a package that passes them on."""
    tests = [facts for facts in material.readable if is_test_path(facts.path)]
    touched = _names_in(tests)
    touched |= _passed_on(material.own, touched)
    stems = {_stem(facts.path).removeprefix("test_").removesuffix("_test") for facts in tests}
    packages = {facts.path.rpartition("/")[0] for facts in material.files if _stem(facts.path) == "__init__"}
    for facts in material.own:
        functions = [symbol for symbol in facts.functions if is_public(facts.path, symbol)]
        stem = _stem(facts.path)
        if not functions or stem in _ENTRY_POINTS or stem.lstrip("_") in stems:
            continue
        if touched.isdisjoint(_module_names(facts.path, packages)):
            hours = min(0.5 + 0.1 * len(functions), 4.0)
            what = f"{len(functions)} public function{'s' if len(functions) > 1 else ''}"
            yield Place("untested-module", facts.path, 0, what, hours, facts.lines)


def _stem(path: str) -> str:
    """File name without its ending."""
    return path.rpartition("/")[2].partition(".")[0]


def _names_in(files: Iterable[FileFacts]) -> set[str]:
    """Dotted names that files import, or mention in strings (what a test patches), with everything above them."""
    names: set[str] = set()
    for facts in files:
        for one in facts.imports:
            base = _absolute(facts.path, one.level, one.module)
            names.add(base)
            if one.name:
                names.add(f"{base}.{one.name}")
        names |= facts.dotted
    for name in tuple(names):
        parts = name.split(".")[:_DEPTH]
        names.update(".".join(parts[:end]) for end in range(1, len(parts)))
    return names


def _absolute(path: str, level: int, module: str) -> str:
    """The dotted module an import means; a relative one is resolved against the file's own folder."""
    if level == 0:
        return module
    folders = path.split("/")[:-1]
    base = folders[: len(folders) - (level - 1)] if level > 1 else folders
    return ".".join([*base, *([module] if module else [])])


def _passed_on(own: Iterable[FileFacts], touched: set[str]) -> set[str]:
    """Modules that a touched package imports in its `__init__`: who tests the package tests them."""
    passed: set[str] = set()
    for facts in own:
        if _stem(facts.path) != "__init__":
            continue
        folder = facts.path.rpartition("/")[0]
        package = folder.replace("/", ".")
        if touched.isdisjoint(_suffixes(package)):
            continue
        for one in facts.imports:
            base = _absolute(facts.path, one.level, one.module)
            passed.add(base)
            if one.name:
                passed.add(f"{base}.{one.name}")
    return passed


def _module_names(path: str, packages: set[str]) -> set[str]:
    """The dotted names a module may be imported by: below any folder on the way that could be on the path."""
    folder, _, _ = path.rpartition("/")
    stem = _stem(path)
    dotted = folder.replace("/", ".") if stem == "__init__" else path.rpartition(".")[0].replace("/", ".")
    names = _suffixes(dotted)
    if folder in packages and "." in dotted and stem != "__init__":
        names.discard(stem)
    return names


def _suffixes(dotted: str) -> set[str]:
    """`a.b.c`, `b.c` and `c` of `a.b.c`."""
    parts = dotted.split(".")[-_DEPTH:]
    return {".".join(parts[start:]) for start in range(len(parts)) if parts[start]}
