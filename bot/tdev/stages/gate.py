"""gate: the verdict over a change, from its evaluation, the policy and the patch; nothing is run here.

Comes in: evaluation.json, policy.json and patch.json. Goes out: verdict.json, verdict.md for people, and verdict.sarif
for code scanning. The gates themselves are pure functions in the room gates, so the same three files always give the
same verdict, also on another machine and long after the run. trend.md beside them shows the last judged runs.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from tdev import __version__
from tdev.adapters import trend
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.run import utc_now
from tdev.core.sarif import sarif
from tdev.core.trend import TrendPoint, trend_markdown
from tdev.core.verdict_markdown import verdict_markdown
from tdev.errors import ConfigurationError, TransientError
from tdev.gates.table import GATES, decide
from tdev.gates.waivers import in_force
from tdev.stages.kept_drafts import kept_drafts

MARKDOWN_FILE = "verdict.md"
SARIF_FILE = "verdict.sarif"
TREND_FILE = "trend.md"


def gate(run: RunDir, asked: Collection[str] | None = None) -> RunDir:
    """Ask every gate, or those named; writes verdict.json, verdict.md and verdict.sarif.

    A change that is stopped is a verdict, not an error.
    """
    chosen = [one for one in GATES if asked is None or one.name in asked]
    evaluation, patch = run.read(Evaluation), run.read(Patch)
    verdict = decide(evaluation, run.policy, patch, chosen)
    run.write(verdict)
    page = verdict_markdown(verdict, evaluation, patch, drafts=kept_drafts(run, verdict))
    run.write_bytes(MARKDOWN_FILE, page.encode("utf-8", "replace"))
    run.write_bytes(SARIF_FILE, json.dumps(_sarif(run, verdict, evaluation), indent=1).encode())
    _keep_trend(run, verdict, evaluation, patch)
    run.emit("tdev.gate.result", f"{verdict.outcome.value}: {verdict.reason}", outcome=verdict.outcome.value)
    return run


def _keep_trend(run: RunDir, verdict: Verdict, evaluation: Evaluation, patch: Patch) -> None:
    """Add the run to the repository's trend; a state folder that can't be written to is only told."""
    point = TrendPoint(
        run=run.id,
        time=utc_now(),
        base=patch.base_sha,
        head=patch.head_sha,
        outcome=verdict.outcome,
        score=evaluation.score,
        metrics=evaluation.after.metrics,
    )
    try:
        points = trend.add(run.settings.home, run.goal.repository, point)
    except (ConfigurationError, TransientError) as error:
        run.emit("tdev.gate.trend", f"the run is in no trend: {error}")
        return
    run.write_bytes(TREND_FILE, trend_markdown(points).encode("utf-8", "replace"))


def _sarif(run: RunDir, verdict: Verdict, evaluation: Evaluation) -> dict[str, Any]:
    """The verdict for code scanning, with the waivers that held."""
    rules, _ = in_force(run.policy, evaluation.judged_on)

    def waived(finding: Finding) -> str:
        waiver = rules.waiver(f"{finding.tool}:{finding.rule}", finding.path)
        return waiver.reason if waiver else ""

    return sarif(verdict, evaluation, __version__, waived)
