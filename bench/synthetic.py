"""A synthetic Python project of a given size: varied, deterministic by seed, and valid Python throughout."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

_WORDS = (
    "account order invoice ticket meeting room sensor reading report batch queue worker session token ledger payment",
    "customer product basket shipment address schedule message channel record index cursor buffer parser packet",
)
_NOUNS = tuple(word for row in _WORDS for word in row.split())
_VERBS = ("load", "store", "merge", "split", "check", "count", "group", "filter", "update", "render", "resolve")
_TYPES = ("int", "str", "float", "bool", "bytes", "list[int]", "dict[str, int]", "tuple[str, ...]", "object")
_OLD_TYPES = (*_TYPES, "Optional[int]", "List[str]", "Dict[str, List[int]]", "Union[int, str]")
_MODULES = ("json", "math", "re", "itertools", "collections", "functools", "datetime", "logging", "pathlib", "enum")
_LINES_PER_FILE = (20, 60, 100, 150, 220, 350, 700)
_FILES_PER_PACKAGE = 18


def write_tree(folder: Path, lines: int, seed: int = 1) -> int:
    """Fill a folder with about so many lines of Python (and a little of other things); returns the exact number."""
    dice = random.Random(seed)
    written = 0
    number = 0
    while written < lines:
        package = folder / "src" / f"{_NOUNS[number // _FILES_PER_PACKAGE % len(_NOUNS)]}{number // _FILES_PER_PACKAGE}"
        package.mkdir(parents=True, exist_ok=True)
        if number % _FILES_PER_PACKAGE == 0:
            (package / "__init__.py").write_text(f'"""The package {package.name}."""\n')
            written += 1
        wanted = min(dice.choice(_LINES_PER_FILE), max(lines - written, 10))
        name = f"{dice.choice(_NOUNS)}_{number}"
        text = module_text(dice, wanted)
        (package / f"{name}.py").write_text(text)
        written += text.count("\n")
        if dice.random() < 0.3:
            written += _write_test(folder / "tests" / f"test_{name}.py", f"{package.name}.{name}")
        number += 1
    (folder / "requirements.txt").write_text("requests==2.19.1\nattrs\nclick>=8\n")
    (folder / "README.md").write_text("# Synthetic\n\nMade to be measured.\n" * 20)
    return written


def module_text(dice: random.Random, lines: int) -> str:
    """One module of at least so many lines."""
    rows: list[str] = []
    if dice.random() < 0.8:
        rows += [f'"""Everything about each {dice.choice(_NOUNS)}.', "", "Kept apart from the rest.", '"""', ""]
    rows += [f"import {module}" for module in sorted(dice.sample(_MODULES, 3))]
    old = dice.random() < 0.3
    if old:
        rows.append("from typing import Dict, List, Optional, Union")
    types = _OLD_TYPES if old else _TYPES
    rows += ["", f"LIMIT = {dice.randint(1, 9999)}", f'NAME = "{dice.choice(_NOUNS)}"']
    count = 0
    while len(rows) < lines:
        rows += ["", ""]
        rows += _class(dice, count, types) if dice.random() < 0.25 else _function(dice, count, types, "")
        count += 1
    return "\n".join(rows) + "\n"


def _write_test(path: Path, module: str) -> int:
    """A test file that imports the module; its number of lines."""
    rows = [f"from {module} import LIMIT, NAME", "", "", "def test_constants():", "    assert LIMIT > 0 and NAME"]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(rows) + "\n")
    return len(rows)


def _class(dice: random.Random, number: int, types: Sequence[str]) -> list[str]:
    """A class with a few methods."""
    name = dice.choice(_NOUNS).title() + str(number)
    rows = [f"class {name}(object):" if dice.random() < 0.2 else f"class {name}:"]
    rows += [f'    """One {name.lower()}."""', ""] if dice.random() < 0.7 else []
    rows += [f"    {dice.choice(_NOUNS)}_{index}: {dice.choice(types)}" for index in range(dice.randint(1, 4))]
    for index in range(dice.randint(1, 5)):
        rows += ["", *_function(dice, index, types, "    ")]
    return rows


def _function(dice: random.Random, number: int, types: Sequence[str], indent: str) -> list[str]:
    """A function, or a method where it is indented."""
    private = "_" if dice.random() < 0.2 else ""
    name = f"{private}{dice.choice(_VERBS)}_{dice.choice(_NOUNS)}_{number}"
    typed = dice.random() < 0.6
    first, second = dice.sample(_NOUNS, 2)
    kind = dice.choice(types)
    own = ["self"] if indent else []
    arguments = [f"{first}: {kind}", f"{second}: int = {dice.randint(0, 99)}"] if typed else [first, f"{second}=0"]
    rows = [f"def {name}({', '.join(own + arguments)}){f' -> {kind}' if typed else ''}:"]
    if dice.random() < 0.6:
        rows.append(f'    """{dice.choice(_VERBS).title()} the {first} by its {second}."""')
    if dice.random() < 0.08:
        rows.append(f"    # TODO: {dice.choice(_VERBS)} the {first} as well")
    rows.append(f"    result = {first}")
    for _ in range(dice.randint(1, 7)):
        rows += [f"    {row}" for row in _statement(dice, first, second)]
    rows.append("    return result")
    return [indent + row for row in rows]


def _statement(dice: random.Random, first: str, second: str) -> Iterator[str]:
    """Some lines of a function's body."""
    value = dice.randint(1, 500)
    kind = dice.randrange(8)
    if kind == 0:
        yield from (f"if {second} > {value}:", f"    result = {second} * {value}", "else:", f"    {second} += 1")
    elif kind == 1:
        yield from (f"for index, item in enumerate(range({value})):", f"    {second} += item * index % LIMIT")
    elif kind == 2:
        yield f"result = [item for item in range({second}) if item % {value} and item != LIMIT]"
    elif kind == 3:
        yield from ("try:", f"    result = int({first}) + {value}", "except (TypeError, ValueError):", "    pass")
    elif kind == 4:
        yield f'result = "%s of {first}: %d" % (NAME, {second})'
    elif kind == 5:
        yield f'result = f"{{{second}}} # {first} {{NAME}}"  # a comment with a "quote'
    elif kind == 6:
        yield from (f'result = {{"{first}": {second},', f'          "{second}": [{value}, NAME.upper(), LIMIT]}}')
    else:
        yield from (f"while {second} < {value}:", f"    {second} += 1", f"    if {second} == LIMIT:", "        break")
