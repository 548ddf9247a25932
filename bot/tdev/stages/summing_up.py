"""The last step of the judged rounds: a summary of the change by the model, where the policy asks for it.

Called by the loop once the gates have let the change through; it is no stage of its own, so a workflow needs no step
for it. Comes in: the patch, its verdict, what the sessions said. Goes out: summary.json, sealed under its own name.

It is only a help for reviewers. Without an answer the change stays as it is: summary.json says why there is none, the
event `tdev.summary.model` as well, and the pull request shows the sessions' own words instead.
"""

from __future__ import annotations

from functools import partial

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.summary import Summary
from tdev.core.artifacts.verdict import Verdict
from tdev.errors import BudgetExceeded, ConfigurationError, Refused, TransientError
from tdev.policy.model_choice import SummaryForm
from tdev.stages.questions import put_question

NAME = "summary"
"""Its name in events and in the manifest."""
_SECONDS = 120.0
"""Longest wait for one answer."""


def sum_up_change(run: RunDir, seconds_left: float) -> None:
    """Write and seal summary.json, once; nothing where the policy asks for none or there is nothing to publish."""
    if NAME in run.sealed_stages() or not _wanted(run):
        return
    run.stage = NAME
    run.write(_summary(run, min(_SECONDS, seconds_left)))
    run.seal(NAME)


def _wanted(run: RunDir) -> bool:
    """True for a change by the engine claude that the gates let through, where the policy asks for a summary."""
    if run.policy.model.summary is not SummaryForm.STRUCTURED or run.goal.engine != "claude":
        return False
    passed = run.has(Verdict) and run.read(Verdict).outcome.lets_through
    return passed and run.has(Patch) and not run.read(Patch).empty


def _summary(run: RunDir, seconds: float) -> Summary:
    """The model's summary, or why there is none."""
    from tdev.engines.claude.summing_up import DIFF_BYTES, Finished, sum_up

    patch, diff = run.read(Patch), (run.path / "patch.diff").read_bytes()
    finished = Finished(
        request=run.goal.text or run.goal.title,
        files=tuple(path for file in patch.files for path in (file.path, file.old_path) if path),
        words=tuple(attempt.summary for attempt in patch.attempts if attempt.kept and attempt.summary.strip()),
        diff=diff.decode("utf-8", "replace"),
    )
    asking = partial(sum_up, run.settings, run.policy, finished, seconds=seconds)
    try:
        if seconds <= 0:
            raise BudgetExceeded("No time was left to ask for one.")
        told = put_question(run, NAME, asking)
    except (BudgetExceeded, ConfigurationError, Refused, TransientError) as error:
        return Summary(reason=error.message, diff_bytes=len(diff))
    return Summary(told=told, diff_bytes=len(diff), shown_bytes=min(len(diff), DIFF_BYTES))
