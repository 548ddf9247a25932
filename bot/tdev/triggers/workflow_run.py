"""workflow_run: a run of a workflow was requested, is in progress, or has ended.

In goes the payload of https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run, out comes a
RunReport, or None. Only runs that a dispatch started are reported; whether one is ours the flow looks up, by the id
that GitHub gave when it was dispatched. Nothing the run says of itself is believed here.
"""

from __future__ import annotations

from tdev.core.intent import RunReport, act
from tdev.triggers.payload import Part, Sent, read


class WorkflowRun(Part):
    """`workflow_run`."""

    id: int
    event: str
    status: str
    run_attempt: int = 1
    updated_at: str = ""


class Happened(Sent):
    """`workflow_run` with any action."""

    workflow_run: WorkflowRun


def workflow_run(payload: object) -> RunReport | None:
    """The report that the event is; None for runs that nobody dispatched."""
    sent = read(Happened, payload)
    if sent is None or sent.workflow_run.event != "workflow_dispatch":
        return None
    run = sent.workflow_run
    return RunReport(
        key=act("run", sent.repository.id, run.id, run.run_attempt, run.status, run.updated_at),
        place=sent.place(),
        workflow_run_id=run.id,
        status=run.status,
    )
