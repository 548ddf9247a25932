"""The verdict of a run as check runs on a commit, and the report on a pull request that was judged in another job.

Comes in: a verdict, or the reason why there is none. Goes out: `tdev/security`, `tdev/tests` and `tdev/quality` on the
commit; for a report also one comment on the pull request, kept up to date. A report is made whatever the judging job
left behind: a run directory that is missing, damaged, about another commit or not what the gates say becomes three
failures with that reason, for no evidence is a failure.
"""

from __future__ import annotations

from pathlib import Path

from tdev.adapters import github, github_checks
from tdev.adapters.github_publish import REPORTING, Access, access
from tdev.adapters.run_dir import RunDir
from tdev.core import checks, outbound
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.checks import CheckRun
from tdev.core.job import Proposed
from tdev.core.verdict_markdown import MARKER, verdict_markdown
from tdev.errors import Refused, TdevError
from tdev.gates.table import decide
from tdev.settings import Settings
from tdev.stages.checked_patch import check_whole
from tdev.stages.kept_drafts import kept_drafts

COMMENT = "comment"
"""Under this name a report says whether the pull request was told."""


async def post_verdict(run: RunDir, there: Access, sha: str) -> dict[str, str]:
    """Put the run's verdict on a commit; name of each check -> its conclusion."""
    made = checks.check_runs(run.read(Verdict))
    return await github_checks.post(there, sha, made, run.goal.run_id, run.settings.actions.run_url)


async def judged_already(settings: Settings, wanted: Proposed) -> bool:
    """True when the head of the pull request bears all three checks of our own App."""
    async with access(settings, wanted.repository, {"checks": "read"}, own_token=True) as there:
        return await github_checks.judged(there.client, wanted.head_sha, settings.app_id)


async def report(settings: Settings, wanted: Proposed, folder: Path) -> dict[str, str]:
    """Post the three checks on the head of a pull request and a comment, unless they are there; name -> conclusion."""
    async with access(settings, wanted.repository, REPORTING) as there:
        if await github_checks.judged(there.client, wanted.head_sha, there.slug):
            return {}
        made, page = _evidence(RunDir(folder, settings), wanted)
        run_id = f"{settings.actions.run_id}-{settings.actions.attempt}"
        posted = await github_checks.post(there, wanted.head_sha, made, run_id, settings.actions.run_url)
        return {**posted, COMMENT: await _tell(there, wanted, page)}


async def _tell(there: Access, wanted: Proposed, page: str) -> str:
    """Put the verdict on the pull request, in the one comment that is ours; how that went.

    The checks have decided by then: where comments are not allowed, that is told and nothing else changes.
    """
    try:
        await github.put_comment(there.client, wanted.number, MARKER, outbound.posted(page))
    except Refused as refusal:
        return refusal.message
    return "posted"


def _evidence(run: RunDir, wanted: Proposed) -> tuple[tuple[CheckRun, ...], str]:
    """What the run directory proves about the head: the check runs, and the same for people."""
    try:
        check_whole(run, wanted.repository)
        patch, evaluation, verdict = run.read(Patch), run.read(Evaluation), run.read(Verdict)
        if patch.head_sha != wanted.head_sha:
            return _nothing(f"commit {patch.head_sha[:12]} was judged instead of this one")
        if decide(evaluation, run.policy, patch) != verdict:
            return _nothing("the verdict is not what the gates say of what was measured")
    except TdevError as error:
        return _nothing(f"there is no run directory that can be read: {error.message}")
    return checks.check_runs(verdict), verdict_markdown(verdict, evaluation, patch, drafts=kept_drafts(run, verdict))


def _nothing(reason: str) -> tuple[tuple[CheckRun, ...], str]:
    """No evidence is a failure."""
    none = Verdict(name="gates", outcome=Outcome.ERROR, reason=reason)
    return checks.without_evidence(reason), verdict_markdown(Verdict.of("gates", (none,)))
