"""gate: the verdict over a change, from its evaluation, the policy and the patch; nothing is run here.

Comes in: evaluation.json, policy.json and patch.json. Goes out: verdict.json, verdict.md for people, and verdict.sarif
for code scanning. The gates themselves are pure functions in the room gates, so the same three files always give the
same verdict, also on another machine and long after the run.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from tdev import __version__
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.sarif import sarif
from tdev.core.verdict_markdown import verdict_markdown
from tdev.gates.table import GATES, decide
from tdev.gates.waivers import in_force

MARKDOWN_FILE = "verdict.md"
SARIF_FILE = "verdict.sarif"


def gate(run: RunDir, asked: Collection[str] | None = None) -> RunDir:
    """Ask every gate, or those named; writes verdict.json, verdict.md and verdict.sarif.

    A change that is stopped is a verdict, not an error.
    """
    chosen = [one for one in GATES if asked is None or one.name in asked]
    evaluation, patch = run.read(Evaluation), run.read(Patch)
    verdict = decide(evaluation, run.policy, patch, chosen)
    run.write(verdict)
    run.write_bytes(MARKDOWN_FILE, verdict_markdown(verdict, evaluation, patch).encode("utf-8", "replace"))
    run.write_bytes(SARIF_FILE, json.dumps(_sarif(run, verdict, evaluation), indent=1).encode())
    run.emit("tdev.gate.result", f"{verdict.outcome.value}: {verdict.reason}", outcome=verdict.outcome.value)
    return run


def _sarif(run: RunDir, verdict: Verdict, evaluation: Evaluation) -> dict[str, Any]:
    """The verdict for code scanning, with the waivers that held."""
    rules, _ = in_force(run.policy, evaluation.judged_on)

    def waived(finding: Finding) -> str:
        waiver = rules.waiver(f"{finding.tool}:{finding.rule}", finding.path)
        return waiver.reason if waiver else ""

    return sarif(verdict, evaluation, __version__, waived)
