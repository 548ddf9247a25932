"""What a runner of test environments installs before it runs tests: tox, nox and hatch, read from their own files.

In goes the text of a project's files by name; out come requirements, and what could not be read. Only what is written
out counts: packages of the index by name. Files, addresses, variables and whatever a program would compute are told.
They count where the project has no extra, group or requirement file for its tests (project_dependencies.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tdev.core.manifests.documents import parse_ini, parse_toml, table
from tdev.core.manifests.plain_requirements import names_package_alone

RUNNER_FILES = ("tox.ini", "noxfile.py")
"""Files of runners, besides pyproject.toml and setup.cfg."""
HATCH_ENVIRONMENTS = ("default", "test", "tests", "hatch-test")
"""Environments of hatch that tests are usually run in."""
_FACTOR = re.compile(r"^!?[\w.,{}!-]+:\s")
_OWN = ("tox", "nox", "hatch", "pip", "setuptools", "wheel", "-e .", "-e.", ".")
"""What is there already."""


class RunnerDependencies(NamedTuple):
    """What the runners ask for."""

    requirements: tuple[str, ...] = ()
    """Packages of the index."""
    unread: tuple[str, ...] = ()
    """What else they name, with the file, for people."""


def runner_dependencies(files: Mapping[str, str]) -> RunnerDependencies:
    """What to install besides, in the order of the files."""
    asked = [("tox.ini", text) for text in _tox(files)]
    asked += [("noxfile.py", text) for text in _nox(files.get("noxfile.py", ""))]
    asked += [("pyproject.toml", text) for text in _hatch(parse_toml(files.get("pyproject.toml", "")))]
    wanted = [(file, text) for file, text in dict.fromkeys(asked) if text not in _OWN]
    return RunnerDependencies(
        tuple(dict.fromkeys(text for _, text in wanted if names_package_alone(text))),
        tuple(f"{text} ({file})" for file, text in wanted if not names_package_alone(text)),
    )


def _tox(files: Mapping[str, str]) -> Iterator[str]:
    """`deps` of tox's usual environment, wherever it is written."""
    tox = table(parse_toml(files.get("pyproject.toml", "")), "tool", "tox")
    legacy = tox.get("legacy_tox_ini")
    sources = (files.get("tox.ini", ""), files.get("setup.cfg", ""), legacy if isinstance(legacy, str) else "")
    for text in sources:
        lines = parse_ini(text).get("testenv", "deps", fallback="").splitlines()
        yield from (_FACTOR.sub("", line.partition("#")[0].strip()) for line in lines if _says(line))
    yield from _texts(table(tox, "env_run_base").get("deps"))


def _says(line: str) -> bool:
    return bool(line.partition("#")[0].strip())


def _nox(text: str) -> Iterator[str]:
    """Words of `session.install(…)` in functions that are nox sessions; what is computed is told as its code."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any("session" in ast.dump(each) for each in node.decorator_list):
            calls = (each for each in ast.walk(node) if isinstance(each, ast.Call))
            yield from (word for call in calls if _installs(call) for word in _words(call))


def _installs(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "install"


def _words(call: ast.Call) -> Iterator[str]:
    """The words of one call; an option and its value are one."""
    words = [str(each.value) if isinstance(each, ast.Constant) else f"<{ast.unparse(each)}>" for each in call.args]
    pending = ""
    for word in words:
        if word in ("-r", "-e", "-c", "--requirement", "--editable", "--constraint"):
            pending = word
        elif pending or not word.startswith("--"):
            yield f"{pending} {word}".strip()
            pending = ""


def _hatch(document: dict[str, Any]) -> Iterator[str]:
    """Dependencies of hatch's usual environments."""
    environments = table(document, "tool", "hatch", "envs")
    for name in HATCH_ENVIRONMENTS:
        environment = table(environments, name)
        for key in ("dependencies", "extra-dependencies"):
            yield from _texts(environment.get(key))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from (each.strip() for each in value if isinstance(each, str) and each.strip())
