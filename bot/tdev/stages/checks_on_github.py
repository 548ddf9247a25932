"""The verdict of a run as check runs on a commit, and the report on a pull request that was judged in another job.

Comes in: a verdict, or the reason why there is none. Goes out: `tdev/security`, `tdev/tests` and `tdev/quality` on the
commit. A report is made whatever the judging job left behind: a run directory that is missing, damaged, about another
commit or not what the gates say becomes three failures with that reason, for no evidence is a failure.
"""

from __future__ import annotations

from pathlib import Path

from tdev.adapters import github_checks
from tdev.adapters.github_publish import REPORTING, Access, access
from tdev.adapters.run_dir import RunDir
from tdev.core import checks
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.checks import CheckRun
from tdev.core.job import Proposed
from tdev.errors import TdevError
from tdev.gates.table import decide
from tdev.settings import Settings
from tdev.stages.checked_patch import check_whole


async def post_verdict(run: RunDir, there: Access, sha: str) -> dict[str, str]:
    """Put the run's verdict on a commit; name of each check -> its conclusion."""
    made = checks.check_runs(run.read(Verdict))
    return await github_checks.post(there, sha, made, run.goal.run_id, run.settings.actions.run_url)


async def judged_already(settings: Settings, wanted: Proposed) -> bool:
    """True when the head of the pull request bears all three checks of our own App."""
    async with access(settings, wanted.repository, {"checks": "read"}, own_token=True) as there:
        return await github_checks.judged(there.client, wanted.head_sha, settings.app_id)


async def report(settings: Settings, wanted: Proposed, folder: Path) -> dict[str, str]:
    """Post the three checks on the head of a pull request, unless they are there; name -> conclusion."""
    async with access(settings, wanted.repository, REPORTING) as there:
        if await github_checks.judged(there.client, wanted.head_sha, there.slug):
            return {}
        made = _evidence(RunDir(folder, settings), wanted)
        run_id = f"{settings.actions.run_id}-{settings.actions.attempt}"
        return await github_checks.post(there, wanted.head_sha, made, run_id, settings.actions.run_url)


def _evidence(run: RunDir, wanted: Proposed) -> tuple[CheckRun, ...]:
    """What the run directory proves about the head."""
    try:
        check_whole(run, wanted.repository)
        patch, verdict = run.read(Patch), run.read(Verdict)
        if patch.head_sha != wanted.head_sha:
            return checks.without_evidence(f"commit {patch.head_sha[:12]} was judged instead of this one")
        if decide(run.read(Evaluation), run.policy, patch) != verdict:
            return checks.without_evidence("the verdict is not what the gates say of what was measured")
    except TdevError as error:
        return checks.without_evidence(f"there is no run directory that can be read: {error.message}")
    return checks.check_runs(verdict)
