"""A run that one job worked on, and a forge where another one publishes it: the two jobs as programs, no runner."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.command import OLD_FILES, WITHOUT_SECRETS, Ended, command_environment, git
from support.forge import Forge
from tdev.adapters import workspace
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.patch_guard import Bounds, Change, judge_patch
from tdev.core.run import branch_name
from tdev.forge import store as stores
from tdev.forge.store import Row
from tdev.gates.table import decide
from tdev.settings import Settings

RUN_ID = "20261121-050000-000000-abc123"
OWNER, NAME = "ada", "calc"
REPOSITORY = f"/repos/{OWNER}/{NAME}"
POLICY = f"""\
{WITHOUT_SECRETS}engine: recipes
waivers:
  - check: dependencies-unreachable
    reason: these tests must also run where no vulnerability service can be reached
"""
FILES = {**OLD_FILES, ".github/tdev.yml": POLICY}
PERMISSIONS = {"contents": "write", "pull_requests": "write", "checks": "write", "issues": "write"}


def payload(**inputs: str) -> dict[str, Any]:
    """The payload of the dispatch of a run."""
    given = {
        "run_id": RUN_ID,
        "kind": "evolve",
        "goal": "modernise",
        "base": "main",
        "branch": "",
        "plan_only": "false",
        "number": "1",
        "requested_by": "ada",
        **inputs,
    }
    repository = {"id": 1, "full_name": f"{OWNER}/{NAME}", "default_branch": "main"}
    return {"inputs": given, "repository": repository}


def program(settings: Settings, *words: str, **more: str) -> subprocess.Popen[bytes]:
    """`tdev WORDS`, started."""
    argv = (sys.executable, "-m", "tdev.cli.main", *words)
    environment = command_environment(settings, **more)
    return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ran(settings: Settings, *words: str, **more: str) -> Ended:
    """`tdev WORDS`, to its end."""
    started = program(settings, *words, **more)
    out, err = started.communicate(timeout=240)
    return Ended(started.returncode, out.decode(), err.decode())


def work(settings: Settings, repository: Path, temp: Path, document: dict[str, Any]) -> list[Ended]:
    """What the job `work` does, up to the first step that fails."""
    temp.mkdir(parents=True, exist_ok=True)
    event = temp / "event.json"
    event.write_text(json.dumps(document))
    job = {"GITHUB_EVENT_PATH": str(event), "RUNNER_TEMP": str(temp)}
    ended = [ran(settings, "job", "begin", "--repo", str(repository), **job)]
    for stage in ("research", "spec", "blueprint", "plan", "baseline", "code"):
        if ended[-1].exit_code:
            break
        ended.append(ran(settings, "job", "go", stage, **job))
    return ended


@dataclass
class Desk:
    """A repository on a forge, and a job that publishes to it."""

    forge: Forge
    settings: Settings
    temp: Path
    """RUNNER_TEMP of the job; the run directory is in it."""
    source: Path
    """A work tree whose main is the repository's."""
    repository: Row
    app: Row
    key: str
    token: str
    """Ada's."""

    @property
    def run(self) -> RunDir:
        """The run directory."""
        return RunDir(self.temp / "tdev-run", self.settings)

    def environment(self, document: dict[str, Any], **more: str) -> dict[str, str]:
        """What the runner gives the publishing step."""
        document = {**document, "repository": {**document["repository"], "id": self.repository["id"]}}
        event = self.temp / "event.json"
        event.write_text(json.dumps(document))
        return {
            "GITHUB_EVENT_PATH": str(event),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_API_URL": self.forge.api_url,
            "GITHUB_SERVER_URL": self.forge.url,
            "GITHUB_REPOSITORY": f"{OWNER}/{NAME}",
            "GITHUB_RUN_ID": "77",
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            "TDEV_APP_ID": str(self.app["id"]),
            "TDEV_APP_PRIVATE_KEY": self.key,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            **more,
        }

    def gate(self, repository: Path, document: dict[str, Any] | None = None) -> Ended:
        """`tdev job gate` in a checkout; what it puts out is in the file `output`."""
        given = self.environment(document or payload())
        for name in ("TDEV_APP_ID", "TDEV_APP_PRIVATE_KEY"):
            given.pop(name)
        return ran(self.settings, "job", "gate", "--repo", str(repository), **given)

    def publish(self, document: dict[str, Any] | None = None, *, judged: str = "", **more: str) -> Ended:
        """`tdev job publish`; with `judged` only of the run directory whose manifest has that digest."""
        words = ("--judged", judged) if judged else ()
        return ran(self.settings, "job", "publish", *words, **self.environment(document or payload(), **more))

    def pulls(self) -> list[dict[str, Any]]:
        """All pull requests."""
        return list(self.forge.get(f"{REPOSITORY}/pulls?state=all"))

    def branch(self, name: str = "tdev/auto/modernise") -> str:
        """Commit of a branch on the forge; empty when there is none."""
        return self.forge.store.git(self.repository).commit_of(f"refs/heads/{name}")

    def checks(self, sha: str) -> dict[str, dict[str, Any]]:
        """The check runs of a commit by name; each name stands there once."""
        runs = self.forge.get(f"{REPOSITORY}/commits/{sha}/check-runs")["check_runs"]
        assert len({run["name"] for run in runs}) == len(runs)
        return {run["name"]: run for run in runs}

    def push(self, ref: str) -> None:
        """Push from the work tree as Ada."""
        address = self.forge.url.replace("://", f"://x-access-token:{self.token}@")
        git(self.source, "push", "--quiet", f"{address}/{OWNER}/{NAME}.git", ref)

    def as_person(self, branch: str, files: dict[str, str]) -> str:
        """A branch of the forge with one more commit of a person, pushed; its commit."""
        git(self.source, "fetch", "--quiet", f"{self.forge.url}/{OWNER}/{NAME}.git", branch)
        git(self.source, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        for name, text in files.items():
            (self.source / name).write_text(text)
        git(self.source, "add", "--all")
        git(self.source, "commit", "--quiet", "--allow-empty", "-m", "mine")
        self.push(f"HEAD:refs/heads/{branch}")
        return git(self.source, "rev-parse", "HEAD")


def desk(forge: Forge, settings: Settings, folder: Path, source: Path, kept: Path) -> Desk:
    """Put a work tree on a forge as ada/calc, with issue 1, an App, and a copy of a run directory to publish."""
    mine = folder / "source"
    shutil.copytree(source, mine)
    (folder / "temp").mkdir()
    shutil.copytree(kept, folder / "temp" / "tdev-run")
    owner = forge.user(OWNER)
    row = stores.add_repository(forge.store, owner, NAME)
    app, key = forge.app("tdev-test", PERMISSIONS)
    forge.install(app, OWNER)
    made = Desk(forge, settings, folder / "temp", mine, row, app, key, forge.token(OWNER))
    made.push("HEAD:refs/heads/main")
    forge.do("POST", f"{REPOSITORY}/issues", token=made.token, json={"title": "Modernise"}, status=201)
    return made


def until(condition: Any, seconds: float = 60) -> Any:
    """What a condition comes to as soon as that is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


def repatched(here: Desk, change: Callable[[Path], object], message: str = "Improve\n\nTdev-Task: T1") -> Verdict:
    """Give the run another patch, as a hostile job would: commits like those of T-Developer, measured by nobody.

    The evaluation claims the old measurements for the new commits and a guard that found nothing; the verdict follows
    from that.
    """
    run, patch = here.run, here.run.read(Patch)
    clone = workspace.clean_clone(here.source, here.temp / "hostile", patch.base_sha, here.settings.child_environment)
    clone.run("checkout", "--quiet", "-b", branch_name(run.goal.slug))
    change(clone.folder)
    clone.commit_all(message)
    head = clone.commit_of("HEAD")
    run.work.mkdir(parents=True, exist_ok=True)
    workspace.write_bundle(run, clone)
    files = clone.changed_files(patch.base_sha, head)
    made = patch.model_copy(update={"head_sha": head, "commits": clone.commits(patch.base_sha, head), "files": files})
    run.write(made)
    old = run.read(Evaluation)
    claimed = old.model_copy(
        update={
            "after": old.after.model_copy(update={"sha": head}),
            "paths": tuple(path for file in files for path in (file.path, file.old_path) if path),
            "changed_lines": {},
            "guard": judge_patch(Change(), Bounds()),
        }
    )
    run.write(claimed)
    verdict = decide(claimed, run.policy, made)
    run.write(verdict)
    run.seal("code.2")
    return verdict
