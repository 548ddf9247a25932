"""gate: the verdict over a change, from its evaluation, the policy and the patch; nothing is run here.

Comes in: evaluation.json, policy.json and patch.json. Goes out: verdict.json, and verdict.md for
people. The gates themselves are pure functions in the room gates, so the same three files always
give the same verdict, also on another machine and long after the run.
"""

from __future__ import annotations

from collections.abc import Collection

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.verdict_markdown import verdict_markdown
from tdev.gates.table import GATES, decide

MARKDOWN_FILE = "verdict.md"


def gate(run: RunDir, asked: Collection[str] | None = None) -> RunDir:
    """Ask every gate, or those named; writes verdict.json and verdict.md.

    A change that is stopped is a verdict, not an error.
    """
    chosen = [one for one in GATES if asked is None or one.name in asked]
    evaluation, patch = run.read(Evaluation), run.read(Patch)
    verdict = decide(evaluation, run.policy, patch, chosen)
    run.write(verdict)
    run.write_bytes(MARKDOWN_FILE, verdict_markdown(verdict, evaluation, patch).encode("utf-8", "replace"))
    run.emit("tdev.gate.result", f"{verdict.outcome.value}: {verdict.reason}", outcome=verdict.outcome.value)
    return run
