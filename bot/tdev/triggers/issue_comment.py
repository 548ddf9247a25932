"""issue_comment: a new comment that holds a `/tdev` command is a request; edits and bots' comments are not.

In goes the payload of https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment, out comes a
Request, or None. `build` and `answer` take the lines below the command too; `build`, `plan` and `evolve` without words
mean the issue itself, and on a pull request whatever research finds.
Left out: edited and deleted comments, since a text that others have read must not turn into a command later.
"""

from __future__ import annotations

from tdev.core import untrusted
from tdev.core.command import LONGEST, Command, Name, parse
from tdev.core.intent import MOST_TEXT, Request, act
from tdev.triggers.payload import Account, Issue, Part, Sent, read

_WITH_LINES = frozenset({Name.BUILD, Name.ANSWER})
_MEAN_THE_ISSUE = frozenset({Name.BUILD, Name.EVOLVE, Name.PLAN})


class Comment(Part):
    """`comment`."""

    id: int
    body: str
    user: Account


class Created(Sent):
    """`issue_comment` with the action `created`."""

    issue: Issue
    comment: Comment


def issue_comment(payload: object) -> Request | None:
    """The request that a comment holds; None for all else."""
    sent = read(Created, payload)
    if sent is None or sent.action != "created" or not sent.by_a_person or sent.repository.archived:
        return None
    if sent.comment.user.login != sent.sender.login or sent.comment.user.type != "User":
        return None
    command = parse(sent.comment.body[:LONGEST])
    if command is None:
        return None
    issue_text, removed = untrusted.cleaned(sent.issue.text, MOST_TEXT * 2)
    is_pull_request = sent.issue.pull_request is not None
    return Request(
        key=act("comment", sent.repository.id, sent.comment.id),
        place=sent.place(),
        number=sent.issue.number,
        is_pull_request=is_pull_request,
        name=command.name,
        text=_text(command, "" if is_pull_request else issue_text),
        issue_text=issue_text,
        removed=untrusted.cleaned(sent.comment.body[:LONGEST], LONGEST)[1].plus(removed).sentence(),
        labelled_build=any(label.name == "tdev:build" for label in sent.issue.labels),
        actor=sent.sender.login,
        comment_id=sent.comment.id,
        unknown=command.unknown,
        nearest=command.nearest,
    )


def _text(command: Command, issue_text: str) -> str:
    """The words of a command, or the issue's where it has none and means them."""
    said = f"{command.argument}\n{command.following}" if command.name in _WITH_LINES else command.argument
    return said.strip() or (issue_text if command.name in _MEAN_THE_ISSUE else "")
