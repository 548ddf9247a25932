"""Run by deptry's own interpreter, in the sandbox: what a tree's Python files import, and what its folders ask for.

Comes in: the tree's folder, and a file with what is asked, in JSON: `files` (paths to look at), `folders` (those with
dependency files) and `names` (modules by package, where they are known). Goes out, on standard output: JSON with
`files` (how many could be read), `modules` (what they import) and, by folder, how many dependencies were looked at,
which of them nothing imports, or why the folder's files can't be read. Nothing of the tree is imported. deptry is asked
by its classes and not as a program, for that takes settings from the tree.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any


class Names(dict[str, list[str]]):
    """Modules by package, however a dependency file spells the package."""

    def get(self, key: str, default: Any = None) -> Any:
        """The modules of a package, where they are known."""
        return super().get(normalised(key), default)


class Skipped(logging.Handler):
    """Counts the files that deptry leaves out because it can't read or parse them."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take notice of one line of the log."""
        self.count += "Skipping" in record.getMessage()


def main() -> None:
    """Look at the files and print what was found."""
    root, asked = Path(sys.argv[1]).resolve(), json.loads(Path(sys.argv[2]).read_text("utf-8"))
    skipped = Skipped()
    logging.getLogger().addHandler(skipped)
    extract = importlib.import_module("deptry.imports.extract").get_imported_modules_from_list_of_files
    files = [root / path for path in asked["files"]]
    modules = list(extract(files)) if files else []
    folders = [_looked(root, folder, modules, Names(asked["names"])) for folder in asked["folders"]]
    json.dump({"files": len(files) - skipped.count, "modules": modules, "folders": folders}, sys.stdout)


def _looked(root: Path, folder: str, modules: list[str], names: Names) -> dict[str, object]:
    """What one folder's files ask for; a file that deptry can't read is told and ends nothing."""
    os.chdir(root / folder)
    try:
        dependencies = [each for each in _asked_for(names) if normalised(each.name) not in _optional()]
    except Exception as error:  # deptry raises whatever its readers stumble over
        return {"folder": folder, "refused": f"{type(error).__name__}: {error}"}
    unused = [{"name": each.name, "file": str(each.definition_file)} for each in _unused(dependencies, modules)]
    return {"folder": folder, "examined": len(dependencies), "unused": unused}


def _asked_for(names: Names) -> list[Any]:
    """What has to be installed in any case: no extras, no groups, nothing for development."""
    config = Path("pyproject.toml")
    document = tomllib.loads(config.read_text("utf-8")) if config.is_file() else {}
    extras = tuple(document.get("project", {}).get("optional-dependencies", {}))
    dynamic = document.get("tool", {}).get("setuptools", {}).get("dynamic", {}).get("optional-dependencies", {})
    builder = importlib.import_module("deptry.dependency_getter.builder").DependencyGetterBuilder
    missing = importlib.import_module("deptry.exceptions").DependencySpecificationNotFoundError
    try:
        getter = builder(config, names, (*extras, *dynamic), (), ("requirements.txt",), True, ()).build()
    except missing:
        return []
    return list(getter.get().dependencies)


def _optional() -> set[str]:
    """Packages that Poetry installs with an extra only."""
    config = Path("pyproject.toml")
    document = tomllib.loads(config.read_text("utf-8")) if config.is_file() else {}
    entries = document.get("tool", {}).get("poetry", {}).get("dependencies", {})
    return {normalised(name) for name, said in entries.items() if isinstance(said, dict) and said.get("optional")}


def _unused(dependencies: list[Any], modules: list[str]) -> list[Any]:
    """Those that nothing imports."""
    module = importlib.import_module("deptry.module")
    finder = importlib.import_module("deptry.violations").DEP002UnusedDependenciesFinder
    imported = [module.ModuleLocations(module.Module(name)) for name in modules]
    found = finder(
        imported_modules_with_locations=imported,
        dependencies=dependencies,
        ignored_modules=(),
        standard_library_modules=frozenset(sys.stdlib_module_names),
    ).find()
    return [violation.issue for violation in found]


def normalised(name: str) -> str:
    """A package name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
