"""What zizmor finds in the workflow and action files that a change touches, and did not find in them before."""

from __future__ import annotations

from collections import Counter

from tdev.core.artifacts.finding import ToolReport
from tdev.evidence.subject import Change, Commit
from tdev.tools import zizmor
from tdev.tools.toolbox import Toolbox


def workflows(change: Change) -> ToolReport:
    """The report on the touched files of the head, without as many equal findings as the base has.

    Where the base gives no report, every finding counts as new. What can't be read stays, also where it was so before.
    """
    touched = {path for file in change.patch.files for path in (file.path, file.old_path) if path}
    head = _scan(change.after, touched)
    base = _scan(change.before, touched) if head.ok and head.findings else head
    old = Counter(finding.fingerprint for finding in base.findings) if base is not head and base.ok else Counter()
    new = []
    for finding in head.findings:
        old[finding.fingerprint] -= 1
        if old[finding.fingerprint] < 0 or finding.rule == zizmor.NOT_ANALYSED:
            new.append(finding)
    return head.model_copy(update={"findings": tuple(new)})


def _scan(commit: Commit, touched: set[str]) -> ToolReport:
    run = commit.run
    paths = sorted(touched & set(commit.files))
    return zizmor.scan(Toolbox(run.settings), commit.checkout, paths, run.policy.limits.tool_seconds)
