"""Following a run from outside, as somebody does who watches the pages.

Comes in: a person and a repository. Goes out: what the pages say at the end: the pull request, its
checks, the run directory that the workflow kept. Progress is told step by step, as GitHub's list of
jobs shows it. Everything here is read through the REST API; nothing knows the bot or the runner.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdev.adapters.github_person import Person
from tdev.adapters.run_dir import RunDir
from tdev.errors import TransientError
from tdev.settings import Settings

Tell = Callable[[str], None]
"""Shows one line of progress."""
ARTIFACTS = ("tdev-run-published", "tdev-run-judged", "tdev-run")
"""Run directories that our workflows keep, the most complete first."""
_PAUSE = 0.25
_MERGEABLE_PAUSE = 0.2
_OWN_STEPS = ("Set up job", "Complete job", "Post ")


@dataclass(frozen=True)
class Watcher:
    """Somebody who watches one repository."""

    person: Person
    repository: str
    """`owner/name`."""
    tell: Tell
    seconds: float = 600.0
    """How long anything is waited for."""

    def ask(self, method: str, path: str, body: object = None, **variables: object) -> Any:
        """A request below the repository."""
        return self.person.ask(method, f"/repos/{self.repository}{path}", body, **variables)

    def until(self, what: str, look: Callable[[], Any]) -> Any:
        """The first answer that is something; raises TransientError when time is up."""
        deadline = time.monotonic() + self.seconds
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(_PAUSE)
        raise TransientError(
            f"{what} did not happen within {self.seconds:g} s.", next_step="Look at the pages of the repository."
        )


def workflow_run(watcher: Watcher, event: str) -> dict[str, Any]:
    """The newest workflow run of an event, followed to its end."""
    path = "/actions/runs{?event,per_page}"

    def newest() -> Any:
        runs = watcher.ask("GET", path, event=event, per_page=1)["workflow_runs"]
        return runs[0] if runs else None

    run = watcher.until(f"A workflow run for {event}", newest)
    shown: set[tuple[str, str]] = set()

    def ended() -> Any:
        now = watcher.ask("GET", "/actions/runs/{id}", id=run["id"])
        _tell_steps(watcher, run["id"], shown)
        return now if now["status"] == "completed" else None

    return dict(watcher.until(f"The end of workflow run {run['id']}", ended))


def _tell_steps(watcher: Watcher, run_id: int, shown: set[tuple[str, str]]) -> None:
    """Tell of every step that has begun since last time."""
    for job in watcher.ask("GET", "/actions/runs/{id}/jobs", id=run_id)["jobs"]:
        for step in job.get("steps") or []:
            key = (job["name"], step["name"])
            if step["status"] == "queued" or key in shown or step["name"].startswith(_OWN_STEPS):
                continue
            shown.add(key)
            watcher.tell(f"{job['name']}: {step['name']}")


def pull_from(watcher: Watcher, prefix: str) -> dict[str, Any]:
    """The newest open pull request from a branch that begins so; an empty one when there is none."""
    for pull in watcher.ask("GET", "/pulls{?state,sort,direction}", state="open", sort="created", direction="desc"):
        if str(pull["head"]["ref"]).startswith(prefix):
            return whole_pull(watcher, pull["number"])
    return {}


def whole_pull(watcher: Watcher, number: int) -> dict[str, Any]:
    """A pull request, once GitHub knows whether it can be merged."""

    def known() -> Any:
        pull = watcher.ask("GET", "/pulls/{number}", number=number)
        return pull if pull["merged"] or pull["mergeable"] is not None else None

    return dict(watcher.until(f"An answer whether #{number} can be merged", known))


def checks_of(watcher: Watcher, sha: str, names: tuple[str, ...]) -> Mapping[str, str]:
    """Conclusion of each of these checks on a commit, once all have ended."""
    path = "/commits/{sha}/check-runs{?per_page}"

    def ended() -> Any:
        runs = watcher.ask("GET", path, sha=sha, per_page=100)["check_runs"]
        done = {run["name"]: str(run["conclusion"]) for run in runs if run["status"] == "completed"}
        return {name: done[name] for name in names} if all(name in done for name in names) else None

    return dict(watcher.until(f"The end of {', '.join(names)}", ended))


def kept_run(watcher: Watcher, run_id: int, settings: Settings, folder: Path) -> RunDir:
    """The run directory that a workflow run kept, downloaded and proven unchanged.

    Raises TransientError when there is none, or when a file of it was changed since it was sealed.
    """
    found = watcher.ask("GET", "/actions/runs/{id}/artifacts", id=run_id)["artifacts"]
    ids = {artifact["name"]: artifact["id"] for artifact in found}
    newest = next((ids[name] for name in ARTIFACTS if name in ids), None)
    if newest is None:
        raise TransientError(f"Workflow run {run_id} kept no run directory.", next_step="Look at its log.")
    watcher.person.artifact(watcher.repository, newest, folder)
    run = RunDir(folder, settings)
    broken = run.verify()
    if broken:
        raise TransientError(f"The run directory of workflow run {run_id} is damaged: {broken}.")
    return run
