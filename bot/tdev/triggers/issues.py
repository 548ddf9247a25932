"""issues: the label `tdev:build` or `tdev:evolve` set by a person is a request.

In goes the payload of https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues, out comes a Request
whose text is title and body of the issue as the payload gives them, or None.
Left out: every other action and label, closed issues, archived repositories, and labels that an App has set.
"""

from __future__ import annotations

from tdev.core import untrusted
from tdev.core.command import Name
from tdev.core.intent import MOST_TEXT, Request, act
from tdev.triggers.payload import Issue, Label, Sent, read

LABELS = {"tdev:build": Name.BUILD, "tdev:evolve": Name.EVOLVE}
"""The labels that ask for something."""


class Labeled(Sent):
    """`issues` with the action `labeled`."""

    issue: Issue
    label: Label


def issues(payload: object) -> Request | None:
    """The request that a label is; None for all else."""
    sent = read(Labeled, payload)
    if sent is None or sent.action != "labeled" or not sent.by_a_person or sent.label.name not in LABELS:
        return None
    if sent.repository.archived or sent.issue.state != "open":
        return None
    text, removed = untrusted.cleaned(sent.issue.text, MOST_TEXT * 2)
    return Request(
        key=act("labeled", sent.repository.id, sent.issue.number, sent.label.name, sent.issue.updated_at),
        place=sent.place(),
        number=sent.issue.number,
        is_pull_request=sent.issue.pull_request is not None,
        name=LABELS[sent.label.name],
        text=text,
        issue_text=text,
        removed=removed.sentence(),
        labelled_build=sent.label.name == "tdev:build",
        actor=sent.sender.login,
    )
