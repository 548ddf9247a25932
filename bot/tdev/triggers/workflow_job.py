"""workflow_job: a job of a run was queued, is in progress, or has ended; the checklist is brought up to date.

In goes the payload of https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_job, out comes the
RunReport of the job's run, or None. The job's steps are read anew by the flow, as events may arrive out of order.
"""

from __future__ import annotations

from tdev.core.intent import RunReport, act
from tdev.triggers.payload import Part, Sent, read


class WorkflowJob(Part):
    """`workflow_job`."""

    id: int
    run_id: int
    status: str
    run_attempt: int = 1


class Happened(Sent):
    """`workflow_job` with any action."""

    workflow_job: WorkflowJob


def workflow_job(payload: object) -> RunReport | None:
    """The report that the event is; None when it lacks what we need."""
    sent = read(Happened, payload)
    if sent is None:
        return None
    job = sent.workflow_job
    return RunReport(
        key=act("job", sent.repository.id, job.id, job.run_attempt, job.status),
        place=sent.place(),
        workflow_run_id=job.run_id,
        status="in_progress",
    )
