"""The lowest Python a project says it supports, read from its metadata as data: nothing of it is run.

Comes in: a Job. Goes out: what ruff may write for, and whether people must be told that Python 2 is
over for the changed files. modernise, imports and types ask. Reading the metadata itself is
core/manifests, shared with research; only PKG-INFO, which sdists carry, is read here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tdev.core.manifests import python_floor
from tdev.engines.engine import Job
from tdev.engines.recipes.source_files import is_plain_file

_MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py")
_PKG_INFO = re.compile(r"^(?:Requires-Python|Classifier): (.*)$", re.MULTILINE)
_PYTHON_2 = re.compile(r"Programming Language :: Python :: 2\b")
_MAX_BYTES = 1_000_000


class PythonSupport(NamedTuple):
    """What the metadata says."""

    lowest: tuple[int, int] | None
    """Lowest version; None when nothing says."""
    source: str
    """File that says so; empty when none does."""
    python_2: bool
    """Python 2 is among the versions named."""


def python_support(job: Job) -> PythonSupport:
    """The project's lowest supported Python, from pyproject.toml, setup.cfg, setup.py or an sdist's PKG-INFO."""
    texts = {name: _text(job, name) for name in _MANIFESTS if is_plain_file(job.project, name)}
    python_2 = any(_PYTHON_2.search(text) for text in texts.values())
    floor = python_floor(texts)
    if floor is not None:
        return PythonSupport(floor.version, floor.path, python_2 or floor.version < (3, 0))
    fields = "\n".join(_PKG_INFO.findall(_text(job, "PKG-INFO"))) if is_plain_file(job.project, "PKG-INFO") else ""
    bound = re.search(r"^>=\s*(\d+)\.(\d+)", fields, re.MULTILINE)
    if bound:
        version = (int(bound.group(1)), int(bound.group(2)))
        return PythonSupport(version, "PKG-INFO", python_2 or version < (3, 0))
    return PythonSupport(None, "", python_2)


def _text(job: Job, name: str) -> str:
    with (job.project / name).open("rb") as file:
        return file.read(_MAX_BYTES).decode("utf-8", "replace")
