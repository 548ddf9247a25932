"""Run by griffe's own interpreter, in the sandbox: what of a package's public interface is no longer as it was.

Comes in, as the only word: JSON with `old` and `new` (folders of two trees), and `packages` (names, each with the
folders below both trees that it may be in). Goes out, on standard output: JSON with `examined` (public objects of the
old side) and `breaks`. Nothing is imported: griffe reads source alone.

Names that a module gives out by its own `__getattr__` can't be seen; what vanished from such a module is marked `shim`,
as is a name to which something else was assigned.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_DEPTH = 40
_STAND_INS = (("function", "attribute"), ("class", "attribute"), ("function", "class"))
"""Kinds before and after where callers can go on: `old = new`, or a class in place of a function."""


_OURS = ("RETURN_CHANGED_TYPE", "CLASS_REMOVED_BASE", "PARAMETER_CHANGED_DEFAULT")
"""Kinds that are told by _further, from api_reading.py, in place of griffe."""


def main() -> None:
    """Compare the packages and print what was found."""
    task = json.loads(sys.argv[1])
    griffe = importlib.import_module("griffe")
    examined, breaks = 0, []
    for name, places in task["packages"].items():
        old = _loaded(griffe, name, task["old"], places)
        new = _loaded(griffe, name, task["new"], places)
        if old is None:
            continue
        examined += sum(1 for _ in _public(old, 0))
        if new is None:
            breaks.append(_gone(name))
            continue
        found = [_told(broken, new, task) for broken in griffe.find_breaking_changes(old, new)]
        breaks += [one for one in found if one["kind"] not in _OURS] + list(_further(griffe, old, new, task))
    json.dump({"examined": examined, "breaks": breaks}, sys.stdout)


def _loaded(griffe: Any, name: str, tree: str, places: list[str]) -> Any:
    """The package as griffe sees it; None where none of the places has it."""
    paths = [str(Path(tree, place)) for place in places if Path(tree, place).is_dir()]
    paths = [path for path in paths if Path(path, name, "__init__.py").is_file() or Path(path, f"{name}.py").is_file()]
    if not paths:
        return None
    return griffe.load(name, search_paths=paths[:1], allow_inspection=False, try_relative_path=False)


def _public(thing: Any, depth: int) -> Iterator[Any]:
    """The public objects of a package, itself included."""
    yield thing
    if depth < _DEPTH:
        for member in thing.members.values():
            if member.is_public and not member.is_alias:
                yield from _public(member, depth + 1)


def _told(broken: Any, new: Any, task: dict[str, Any]) -> dict[str, object]:
    """One break as plain facts; the file is relative to its tree."""
    said = broken.as_dict()
    old_value, new_value = said["old_value"], said["new_value"]
    place = broken.obj.parent if broken.obj.is_alias else broken.obj
    kind = broken.kind.name
    parameter = getattr(old_value, "name", "") or getattr(new_value, "name", "")
    return {
        "kind": kind,
        "object": broken.obj.path,
        "file": _relative(place.filepath, task),
        "line": 0 if kind == "OBJECT_REMOVED" else (broken.obj.lineno or 0),
        "detail": str(parameter) if kind.startswith("PARAMETER") else "",
        "shim": _shim(kind, broken, new, (str(old_value), str(new_value))),
    }


def _further(griffe: Any, old: Any, new: Any, task: dict[str, Any]) -> Iterator[dict[str, object]]:
    """Results, defaults and bases that are others than they were."""
    reading = _reading()
    here = {thing.path: thing for thing in _public(new, 0)}
    names = {thing.name: thing for thing in here.values()}

    def known(name: str) -> set[str] | None:
        """Names of all bases of a class of the package."""
        found = names.get(name)
        if found is None:
            return None
        return {one.name for one in found.mro()} | set(_named(found)) if found.is_class else {reading.ANYTHING}

    for was in _public(old, 0):
        now = here.get(was.path)
        if now is None or now.kind is not was.kind:
            continue
        if was.is_class and reading.lost_bases(_named(was), _named(now), known):
            yield _fact("CLASS_REMOVED_BASE", now, "", task)
        if was.is_function:
            yield from (_fact(kind, now, detail, task) for kind, detail in _of_function(reading, was, now, known))


def _of_function(reading: Any, was: Any, now: Any, known: Any) -> Iterator[tuple[str, str]]:
    """Kind and parameter of each difference between two functions of one name."""
    if was.returns and now.returns and not reading.narrower(str(was.returns), str(now.returns), known):
        yield "RETURN_CHANGED_TYPE", ""
    others = {parameter.name: parameter.default for parameter in now.parameters}
    for parameter in was.parameters:
        other = others.get(parameter.name)
        known_both = parameter.default is not None and other is not None
        if known_both and not reading.same_default(str(parameter.default), str(other)):
            yield "PARAMETER_CHANGED_DEFAULT", parameter.name


def _reading() -> Any:
    """api_reading.py, from beside this file: its folder is on no path here."""
    spec = importlib.util.spec_from_file_location("api_reading", Path(__file__).with_name("api_reading.py"))
    assert spec and spec.loader  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _named(thing: Any) -> list[str]:
    return [str(base) for base in thing.bases]


def _fact(kind: str, thing: Any, detail: str, task: dict[str, Any]) -> dict[str, object]:
    file, line = _relative(thing.filepath, task), thing.lineno or 0
    return {"kind": kind, "object": thing.path, "file": file, "line": line, "detail": detail, "shim": False}


def _gone(name: str) -> dict[str, object]:
    """The break of a package that is not there any more."""
    return {"kind": "OBJECT_REMOVED", "object": name, "file": "", "line": 0, "detail": "", "shim": False}


def _relative(file: Any, task: dict[str, Any]) -> str:
    for tree in (task["new"], task["old"]):
        if isinstance(file, Path) and file.is_relative_to(tree):
            return file.relative_to(tree).as_posix()
    return ""


def _shim(kind: str, broken: Any, new: Any, kinds: tuple[str, str]) -> bool:
    """Whether the old way may still work: by a module's `__getattr__`, or under a name that was assigned."""
    if kind == "OBJECT_CHANGED_KIND":
        return kinds in _STAND_INS
    return kind == "OBJECT_REMOVED" and _answers(new, broken.obj.path)


def _answers(package: Any, path: str) -> bool:
    """Whether the module that an object was in answers for names by a function of its own."""
    parts = path.split(".")[1:-1]
    module = package
    for part in parts:
        if part not in module.members or not module.members[part].is_module:
            break
        module = module.members[part]
    return "__getattr__" in module.members


if __name__ == "__main__":
    main()
