"""publish, on GitHub: the patch of another job as a branch, its checks, and a pull request that explains it.

Comes in: the run directory that the working job uploaded, and this job's own event. Goes out: publication.json with
branch, checks and pull request, or with the reason why there are none. The order is: prove that the run directory is
what was asked for and judged (checked_patch.py), push (pull_request_on_github.py), put the checks on the pushed commit
(checks_on_github.py), and open the pull request last, so that it is never seen without its checks.

Nothing of the repository is executed here, and each step finds what an earlier try has done.
A plan and open questions are told as comments; there is nothing to push then.
"""

from __future__ import annotations

from typing import Any

from tdev.adapters import branch_push, github
from tdev.adapters.github_publish import PUBLISHING, Access, access
from tdev.adapters.run_dir import RunDir
from tdev.core import outbound, pull_request
from tdev.core.artifacts import FILE_OF
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan
from tdev.core.artifacts.publication import Publication
from tdev.core.artifacts.spec import Spec
from tdev.core.artifacts.verdict import Verdict
from tdev.core.job import Asked
from tdev.core.outbound import inline
from tdev.core.plan_page import plan_markdown
from tdev.errors import Refused
from tdev.stages.checked_patch import check_patch, check_run
from tdev.stages.checks_on_github import post_verdict
from tdev.stages.comments_on_github import post_comments
from tdev.stages.outcome import conflict_of, outcome_of
from tdev.stages.publish import BODY_FILE, rebased_from, write_body
from tdev.stages.pull_request_on_github import Pushed, open_on_github, push_new, push_onto, reviewer_of, tell_added

_TOLD = ("plan-only", "questions", "conflict")
"""How a run may end that is told as a comment on the issue."""
_NOTHING = {
    "plan-only": "only a plan was asked for",
    "questions": "the requirement leaves questions open",
    "unchanged": "nothing was changed",
    "task-failed": "no task could be done",
    "unfinished": "the run is not finished",
}


async def publish_on_github(run: RunDir, asked: Asked) -> Publication:
    """Publish the run, or write down why not; seals publication.json.

    Raises Refused when the run directory is not what it must be, when somebody else has committed to the branch, and
    when GitHub says no; ConfigurationError without a token; TransientError when the same may work later.
    """
    _drop_leftovers(run)
    check_run(run, asked)
    run.stage = "publish"
    with run.lock(), run.timed("tdev.stage", "publish"):
        try:
            made = await _publication(run, asked)
        except Refused as refusal:
            run.write(Publication(title=pull_request.title(run.goal), reason=refusal.message))
            run.seal("publish")
            raise
        run.write(made)
    run.seal("publish")
    return made


def _drop_leftovers(run: RunDir) -> None:
    """Remove what an earlier try wrote before it was killed or refused."""
    sealed = run.manifest().latest()
    for name in (BODY_FILE, FILE_OF[Publication]):
        if name not in sealed:
            (run.path / name).unlink(missing_ok=True)


async def _publication(run: RunDir, asked: Asked) -> Publication:
    title, outcome = pull_request.title(run.goal), outcome_of(run)
    if outcome in _TOLD and run.goal.number:
        async with access(run.settings, asked.repository, {"issues": "write", "pull_requests": "write"}) as there:
            await _tell(run, there, outcome)
    if outcome == "conflict":
        return Publication(title=title, reason=conflict_of(run))
    if outcome == "unfinished" and _judged(run):
        return await _published(run, asked, title)
    if outcome == "gate-failed":
        write_body(run)
        why = f"the gates did not pass: {run.read(Verdict).reason}"
        return Publication(title=title, body_file=BODY_FILE, reason=why)
    if outcome == "published":
        return await _published(run, asked, title)
    return Publication(title=title, reason=_NOTHING.get(outcome, outcome))


def _judged(run: RunDir) -> bool:
    """There is a change, and the gates let it through."""
    return run.has(Patch) and run.has(Verdict) and run.read(Verdict).outcome.lets_through


async def _published(run: RunDir, asked: Asked, title: str) -> Publication:
    patch, body = run.read(Patch), write_body(run)
    async with access(run.settings, asked.repository, PUBLISHING) as there:
        remote = branch_push.connect(run.settings, run.work / "publish.git", asked.repository.full_name, there.token)
        remote.fetch(asked.from_branch)
        check_patch(run, remote.git, asked.from_branch)
        pushed, pull = await _pushed(run, there, remote, asked, patch)
        run.emit("tdev.branch.found" if pushed.found else "tdev.branch.created", pushed.branch, sha=pushed.head_sha)
        conclusions = await post_verdict(run, there, pushed.head_sha)
        if pull is None:
            pull = await open_on_github(run, there, asked, pushed, body)
        else:
            await tell_added(run, there, pull, patch)
        await post_comments(run, there)
        reviewer = await reviewer_of(run, there, asked, pull)
    run.remove_work()
    return Publication(
        branch=pushed.branch,
        head_sha=pushed.head_sha,
        found=pushed.found,
        title=title,
        body_file=BODY_FILE,
        pull_request=int(pull["number"]),
        pull_request_url=str(pull["html_url"]),
        rebased_from=rebased_from(run),
        draft=bool(pull.get("draft")),
        reviewer=reviewer,
        checks=conclusions,
    )


async def _pushed(
    run: RunDir, there: Access, remote: branch_push.Remote, asked: Asked, patch: Patch
) -> tuple[Pushed, dict[str, Any] | None]:
    """Where the commits are; and the pull request, where there is one already that they were added to."""
    if asked.branch:
        return await push_onto(remote, there, asked, patch, review=bool(run.read(Verdict).to_review))
    return push_new(run, remote, patch), None


async def _tell(run: RunDir, there: Access, outcome: str) -> None:
    """Post the plan, the questions or the conflict on the issue; once."""
    texts = {
        "plan-only": lambda: plan_markdown(run.goal, run.read(Plan)),
        "questions": lambda: _questions(run.read(Spec)),
        "conflict": lambda: _conflict(run),
    }
    text = texts[outcome]()
    marker = f"<!-- tdev-{outcome}: {run.goal.run_id} -->"
    await github.put_comment(there.client, run.goal.number, marker, outbound.posted(text))


def _conflict(run: RunDir) -> str:
    """That the branch moved, and what can be done."""
    lines = ["# The branch has moved", "", f"{inline(conflict_of(run), limit=2000)}.", ""]
    return "\n".join(
        [*lines, "Nothing was pushed, and no model was asked again. `/tdev retry` starts anew from there."]
    )


def _questions(spec: Spec) -> str:
    """What the requirement leaves open, as a list to answer."""
    lines = ["# Questions", "", "Answer each on a line below `/tdev answer`; then the run goes on.", ""]
    for question in spec.questions:
        hint = f" For instance: {inline(question.suggestion)}" if question.suggestion else ""
        lines.append(f"{question.number}. {inline(question.text, limit=600)}{hint}")
    return "\n".join(lines)
