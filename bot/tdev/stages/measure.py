"""baseline: the commit a run starts from, measured in a clean checkout before anything is changed.

Goes out: baseline.json, the same Measurement that evaluate makes of the head, so that gates can compare the two. What
is measured, and by which programs, is in the room evidence.
"""

from __future__ import annotations

from tdev.adapters import workspace
from tdev.adapters.run_dir import RunDir
from tdev.evidence.gather import measure
from tdev.evidence.subject import BEFORE, Commit
from tdev.gates.table import GATES
from tdev.stages.project import project_folder


def baseline(run: RunDir) -> RunDir:
    """Measure the commit the run starts from; writes baseline.json."""
    run.write(measure(base_of(run), [gate.name for gate in GATES]))
    return run


def base_of(run: RunDir, *, anew: bool = False) -> Commit:
    """The base, in a fresh clean checkout; `anew`: nothing kept of its tests counts."""
    sha = run.goal.repository.base_sha
    return Commit(run, BEFORE, sha, workspace.base_checkout(run, BEFORE), project_folder(run), anew)
