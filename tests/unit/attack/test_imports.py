"""The suite's modules stand above one another: none imports, by any way, what imports it."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import attack

FOLDER = Path(attack.__file__).parent


def test_no_two_modules_import_one_another() -> None:
    above: dict[str, set[str]] = {}
    for file in FOLDER.rglob("*.py"):
        name = ".".join(("attack", *file.relative_to(FOLDER).with_suffix("").parts)).removesuffix(".__init__")
        found = {
            node.module for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)
        }
        above[name] = {module for module in found if module and module.startswith("attack.")} - {name}
    assert len(above) > 30 and above["attack.harm"]
    TopologicalSorter(above).prepare()
