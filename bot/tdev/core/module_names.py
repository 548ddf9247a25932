"""Python files of a tree and the folders they are imported from, told from their paths alone.

mypy, griffe and import-linter need them: a package is a folder with `__init__.py`, and the folder above the outermost
one is a root that imports start from. Two packages of one name can't both be at a root: the first in path order is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple


class Layout(NamedTuple):
    """Where the modules of a tree are."""

    roots: tuple[str, ...]
    """Folders that imports start from, POSIX; `.` = the tree itself."""
    files: dict[str, str]
    """Module name by path, no name twice; what can't be named so is left out."""


def layout_of(paths: Iterable[str]) -> Layout:
    """The layout of some Python files."""
    listed = sorted(path for path in paths if path.endswith((".py", ".pyi")))
    known = set(listed)
    chosen: dict[str, str] = {}
    for root, package in sorted({_package_of(path, known) for path in listed} - {("", "")}):
        chosen.setdefault(package, root)
    roots = tuple(sorted(set(chosen.values()) | {"."}))
    files: dict[str, str] = {}
    names: set[str] = set()
    for path in listed:
        root, package = _package_of(path, known)
        start = root if package and chosen.get(package) == root else _nearest(path, roots)
        name = module_name(path, start)
        if name and name not in names and not (path.endswith(".pyi") and f"{path[:-1]}" in known):
            names.add(name)
            files[path] = name
    return Layout(roots, files)


def module_name(path: str, root: str = ".") -> str:
    """The name a file is imported by from a root; empty where it can't be."""
    inner = path if root == "." else path.removeprefix(f"{root}/")
    parts = inner.rpartition(".")[0].split("/")
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else ""


def top_packages(paths: Collection[str]) -> dict[str, str]:
    """Root by name of every outermost package."""
    known = set(paths)
    found: dict[str, str] = {}
    for root, package in sorted({_package_of(path, known) for path in known if path.endswith(".py")} - {("", "")}):
        found.setdefault(package, root)
    return found


def _package_of(path: str, known: Collection[str]) -> tuple[str, str]:
    """Root and name of the outermost package that a file is in; two empty texts where it is in none."""
    folders = path.split("/")[:-1]
    depth = len(folders)
    while depth and _has_init(folders[:depth], known):
        depth -= 1
    if depth == len(folders) or not folders[depth].isidentifier():
        return "", ""
    return "/".join(folders[:depth]) or ".", folders[depth]


def _has_init(folders: list[str], known: Collection[str]) -> bool:
    place = "/".join(folders)
    return f"{place}/__init__.py" in known or f"{place}/__init__.pyi" in known


def _nearest(path: str, roots: Iterable[str]) -> str:
    """The innermost root that a file is below."""
    around = [root for root in roots if root != "." and path.startswith(f"{root}/")]
    return max(around, key=len, default=".")
