"""The patch guard: the finished difference, judged as data. The third wall, which holds when the other two do not.

In goes a Change (change.py), read from git by adapters/patch_reading.py, and Bounds (rule.py), which the policy makes.
Out comes a Verdict with one decision per rule. Nothing is executed, parsed as code at most, and nothing raises for
what a change holds: whoever wrote it is taken to be hostile. One rule per file in rules/, listed in table.py;
docs/patch-guard.md says why each is there and what to do about it.
"""

from tdev.core.patch_guard.change import Change, CommitText, FileChange, Line, Side
from tdev.core.patch_guard.judge import NAME, TOOL, findings_of, judge_patch
from tdev.core.patch_guard.rule import Bounds, Hit, Rule, Treatment
from tdev.core.patch_guard.table import RULES

__all__ = [
    "NAME",
    "RULES",
    "TOOL",
    "Bounds",
    "Change",
    "CommitText",
    "FileChange",
    "Hit",
    "Line",
    "Rule",
    "Side",
    "Treatment",
    "findings_of",
    "judge_patch",
]
