"""Check runs on GitHub: made once per name, commit and run, with any number of annotations.

In go values of core/checks.py; out come completed check runs. GitHub takes fifty annotations in one request and adds
those of later ones, so a check with more is made `in_progress`, filled, and completed by the last request: a job that
is killed between leaves a check that is not done, never a green one with half of its findings. Done again, it goes on
behind the annotations that are there. https://docs.github.com/en/rest/checks/runs
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from tdev.adapters import github
from tdev.adapters.github import Client
from tdev.adapters.github_publish import ACTIONS_SLUG, Access, made_once
from tdev.core.checks import GATES, NO_EVIDENCE, PREFIX, Annotation, CheckRun, batches
from tdev.core.redaction import redact


async def post(there: Access, sha: str, checks: Iterable[CheckRun], run_id: str, page: str) -> dict[str, str]:
    """Put the check runs of a run on a commit; name -> conclusion as GitHub has them. `page` is where details are."""
    return {check.name: await _post(there, sha, check, run_id, page) for check in checks}


async def _post(there: Access, sha: str, check: CheckRun, run_id: str, page: str) -> str:
    parts = batches(check.annotations)

    async def find() -> dict[str, Any] | None:
        return await _standing(there, sha, check.name, run_id)

    async def make() -> dict[str, Any]:
        body = {"name": check.name, "head_sha": sha, "external_id": run_id, **_body(check, parts[0], len(parts) == 1)}
        return dict(
            await there.client.call("POST", "/check-runs", body={**body, **({"details_url": page} if page else {})})
        )

    made, _ = await made_once(find, make, there.sleep)
    while made.get("status") != "completed":
        taken = int((made.get("output") or {}).get("annotations_count") or 0)
        rest = batches(check.annotations[taken:])
        made = dict(
            await there.client.call(
                "PATCH",
                "/check-runs/{id}",
                variables={"id": made["id"]},
                body=_body(check, rest[0], len(rest) == 1),
                repeatable=False,
            )
        )
    return str(made["conclusion"])


def _body(check: CheckRun, part: tuple[Annotation, ...], last: bool) -> dict[str, Any]:
    state = {"status": "completed", "conclusion": check.conclusion} if last else {"status": "in_progress"}
    output = {"title": redact(check.title), "summary": check.summary, "annotations": [asdict(each) for each in part]}
    return {**state, "output": output}


async def _standing(there: Access, sha: str, name: str, run_id: str) -> dict[str, Any] | None:
    """The check run of that name that our App made for the run; None when there is none."""
    path = "/commits/{sha}/check-runs{?check_name,filter,per_page}"
    variables = {"sha": sha, "check_name": name, "filter": "all", "per_page": 100}
    async for found in there.client.items(path, "check_runs", **variables):
        own = (found.get("app") or {}).get("slug") == there.slug
        if own and found.get("name") == name and found.get("external_id") == run_id:
            return found
    return None


async def judged(client: Client, sha: str, app: str) -> bool:
    """True when the commit bears all of our checks, completed, made by the App with this id, client id or slug.

    An empty `app` means the App that a job's own token acts as. One without evidence does not count, so that judging
    can be repeated. Needs checks:read.
    """
    done = {
        check["name"]
        for check in await github.checks_of(client, sha)
        if check.get("status") == "completed" and _is(check.get("app") or {}, app) and not _without_evidence(check)
    }
    return {PREFIX + gate for gate in GATES} <= done


def _without_evidence(check: dict[str, Any]) -> bool:
    return (check.get("output") or {}).get("title") == NO_EVIDENCE


def _is(app: dict[str, Any], wanted: str) -> bool:
    if not wanted:
        return app.get("slug") == ACTIONS_SLUG
    return wanted in (str(app.get("id")), str(app.get("client_id")), str(app.get("slug")))
