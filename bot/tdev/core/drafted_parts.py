"""Drafts of tests worth keeping, shown to people: a folded part for each file that the verdict speaks of.

Comes in: a verdict, and the texts of its drafts, which are a program's and so from outside. Goes out: the names of the
files to read, and parts of a page in which nothing of them acts. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tdev.core.artifacts.verdict import Verdict
from tdev.core.folded import Part
from tdev.core.generated_tests import CHECK, FOLDER
from tdev.core.outbound import quoted
from tdev.core.verdict_headline import checks_of

_FILE = re.compile(rf"\b{FOLDER}/(test_\w+\.py)")
_MOST_FILES = 5
_ADVICE = "Written by a program from what the code does. Keep what says what it should do."


def drafts_in(verdict: Verdict) -> tuple[str, ...]:
    """Names of the files in the run's `generated-tests/` that the remarks of the verdict name, the first five."""
    remarks = [remark for check in checks_of(verdict) if check.name == CHECK for remark in check.remarks]
    names = dict.fromkeys(name for remark in remarks for name in _FILE.findall(remark.remedy))
    return tuple(names)[:_MOST_FILES]


def drafted_parts(drafts: Mapping[str, str]) -> list[Part]:
    """A part for each file, from its text by name; a long text is cut."""
    parts = []
    for name, text in drafts.items():
        _, *lines, fence = quoted(text.rstrip()).split("\n")
        title = f"Drafts of tests worth keeping: <code>{name}</code>"
        parts.append(Part(title, [_ADVICE, "", f"{fence}python", *lines], (fence,)))
    return parts
