"""Changes of references that the REST API makes: the same rules and the same consequences as a push.

Comes in: a call and the reference's old and new commit. Goes out: the reference moved, after branch
protection and rulesets had their say, and pull requests, events and workflows told of it. Refusals carry
the rule's own words; 422 for references, 409 for contents, as on GitHub.
"""

from __future__ import annotations

from http import HTTPStatus

from tdev.errors import Refused
from tdev.forge.answers import ApiError, forbidden
from tdev.forge.call import Call
from tdev.forge.git.backend import LINE, NO_COMMIT, RefUpdate
from tdev.forge.git.commits import move_ref
from tdev.forge.git.push_rules import refusals
from tdev.forge.git.pushed import received

_WORKFLOWS = ".github/workflows"


def change_ref(call: Call, ref: str, before: str, after: str, *, status: int = 422) -> None:
    """Move, make or delete a reference; `before` or `after` may be NO_COMMIT.

    Raises ApiError with `status` when a rule forbids it, 409 when the reference has moved meanwhile.
    """
    update = RefUpdate(ref, before, after)
    verdict = refusals(call.store, call.repository, call.actor, [update])
    if ref in verdict.refused:
        head, *why = verdict.refused[ref].split(LINE)
        lead = "Repository rule violations found\n\n" if head.startswith("GH013") else ""
        raise ApiError(status, lead + "\n".join(line.removeprefix("- ") for line in why))
    if ref in verdict.no_force and not is_forward(call, before, after):
        raise ApiError(status, "Cannot force-push to this branch")
    if ref in verdict.linear and _merges(call, before, after):
        raise ApiError(status, "This branch must not contain merge commits.")
    if verdict.no_workflows and after != NO_COMMIT:
        _check_workflows(call, after)
    try:
        if after == NO_COMMIT:
            call.git.run("update-ref", "-d", ref, before)
        else:
            move_ref(call.git, ref, after, "" if before == NO_COMMIT else before)
    except Refused as error:
        raise ApiError(HTTPStatus.CONFLICT, f"{ref} is at another commit by now.") from error
    received(call.store, call.repository, [update], call.user)


def is_forward(call: Call, before: str, after: str) -> bool:
    """Moving from `before` to `after` loses no commit."""
    if NO_COMMIT in (before, after):
        return True
    return call.git.run("merge-base", "--is-ancestor", before, after, check=False).ok


def _merges(call: Call, before: str, after: str) -> bool:
    """A commit that `after` adds has two parents."""
    if after == NO_COMMIT:
        return False
    others = ("--not", "--branches") if before == NO_COMMIT else (f"^{before}",)
    return bool(call.git.text("rev-list", "--merges", "-n", "1", after, *others))


def _check_workflows(call: Call, after: str) -> None:
    """403 when the new commits change a workflow file."""
    words = ("log", "-c", "--format=", "--name-only", after, "--not", "--branches", "--", _WORKFLOWS)
    if call.git.run(*words).stdout.strip():
        raise forbidden()
