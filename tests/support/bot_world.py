"""A forge and the bot together: people who ask, a runner that does what the test says, and what then stands there.

The forge runs in a thread, `tdev serve` is a process of its own that can be killed and started again. Nothing between
the two is replaced: signed webhooks go one way, REST requests with the App's tokens the other.
"""

from __future__ import annotations

import asyncio
import queue
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from support.bot_server import Server
from support.deliveries import SECRET
from support.forge import Forge, running_forge
from tdev.adapters.service import free_port
from tdev.forge.edge import Exchange
from tdev.forge.store import Row
from tdev.forge.workflows.runner import Ended, Order, Report, Runner
from tdev.settings import Settings

OWNER, NAME = "ada", "rooms"
BOT = "tdev-test[bot]"
EVENTS = ("issues", "issue_comment", "workflow_run", "workflow_job")
PERMISSIONS = {
    "actions": "write",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}
INPUTS = ("run_id", "kind", "goal", "base", "branch", "plan_only", "number", "requested_by")
WORKFLOW = f"""
name: tdev
run-name: tdev ${{{{ inputs.run_id }}}}
on:
  workflow_dispatch:
    inputs: {{{", ".join(f"{name}: {{type: string}}" for name in INPUTS)}}}
jobs:
  work:
    runs-on: ubuntu-latest
    steps:
      - run: tdev --version
"""
FILES = {"calc.py": "x = 1\n", ".github/workflows/tdev.yml": WORKFLOW}
"""A repository whose workflow takes what the bot gives."""


def until(condition: Callable[[], Any], seconds: float = 30, pause: float = 0.02) -> Any:
    """Wait for something to become true; what it became."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(pause)
    return found


class Hand:
    """One job, moved on by the test."""

    def __init__(self, order: Order) -> None:
        self.inputs: Mapping[str, str] = order.contexts["inputs"]
        self.ref = order.ref
        self._words: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()

    def step(self, name: str, conclusion: str = "") -> None:
        """A step begins, and ends at once when a conclusion is given."""
        self._words.put(("begin", name))
        if conclusion:
            self._words.put(("end", conclusion))

    def end_step(self, conclusion: str) -> None:
        """The step that began last ends."""
        self._words.put(("end", conclusion))

    def keep(self, name: str, archive: Path) -> None:
        """The job uploads an artifact."""
        self._words.put((f"keep {name}", str(archive)))

    def finish(self, conclusion: str = "success") -> None:
        """The job ends."""
        self._words.put(("finish", conclusion))

    async def carry_out(self, report: Report) -> Ended:
        """Do what the test says until it says that the job ends, or somebody cancels the run."""
        while not report.cancelled.is_set():
            try:
                word, value = self._words.get_nowait()
            except queue.Empty:
                await asyncio.sleep(0.02)
                continue
            if word == "finish":
                return Ended(value)
            if word == "begin":
                report.begin(value)
            elif word == "end":
                report.end(value)
            else:
                report.keep(word.removeprefix("keep "), Path(value), 1, overwrite=False)
        return Ended("cancelled")


class ByHand:
    """A runner whose jobs do what the test says."""

    name = "by-hand"
    secrets: Mapping[str, str] = MappingProxyType({})

    def __init__(self) -> None:
        self.jobs: list[Hand] = []

    async def run(self, order: Order, report: Report) -> Ended:
        """Carry out a job to its end."""
        hand = Hand(order)
        self.jobs.append(hand)
        return await hand.carry_out(report)


class World:
    """The forge, the App, a repository, and the bots that were started."""

    def __init__(self, forge: Forge, settings: Settings, files: Mapping[str, str], more: Mapping[str, str]) -> None:
        self.forge, self.settings = forge, settings
        self.more = {"TDEV_POLL_SECONDS": "0.3", **more}
        self.port = free_port()
        self.bots: list[Server] = []
        forge.repository(OWNER, NAME, files)
        self.app, self.key = forge.app(
            "tdev-test", PERMISSIONS, EVENTS, f"http://127.0.0.1:{self.port}/webhook", SECRET, owner=OWNER
        )
        self.installation = forge.install(self.app, OWNER)
        forge.collaborator(OWNER, NAME, "mona")
        self.tokens = {login: forge.token(login) for login in (OWNER, "mona", "stranger")}

    def serve(self, **more: str) -> Server:
        """Start the bot."""
        environment = {"TDEV_GITHUB_API_URL": self.forge.api_url, "TDEV_APP_ID": str(self.app["client_id"])}
        self.bots.append(Server(self.settings, self.key, port=self.port, **environment, **{**self.more, **more}))
        return self.bots[-1]

    @property
    def bot(self) -> Server:
        """The bot that was started last."""
        return self.bots[-1]

    def ask(self, method: str, path: str, body: Any = None, *, who: str = "mona", status: int = 200) -> Any:
        """A request of somebody's below the repository."""
        token = self.bot_token() if who == BOT else self.tokens[who]
        return self.forge.do(method, f"/repos/{OWNER}/{NAME}{path}", token=token, json=body, status=status)

    def bot_token(self) -> str:
        """A token of the App's, as a job that publishes has one."""
        return self.forge.installation_token(self.app, self.key, self.installation)

    def issue(self, title: str = "Meeting rooms", body: str = "## Resources", *, who: str = "mona") -> int:
        """A new issue; its number."""
        return int(self.ask("POST", "/issues", {"title": title, "body": body}, who=who, status=201)["number"])

    def label(self, number: int, name: str) -> None:
        """Mona sets a label."""
        self.ask("POST", f"/issues/{number}/labels", {"labels": [name]})

    def say(self, number: int, text: str, *, who: str = "mona") -> int:
        """Somebody comments; the comment's id."""
        return int(self.ask("POST", f"/issues/{number}/comments", {"body": text}, who=who, status=201)["id"])

    def comments(self, number: int, marker: str = "") -> list[str]:
        """What the bot says on an issue, oldest first: `run`, `answer`, or all that it says."""
        all_of_it = self.ask("GET", f"/issues/{number}/comments?per_page=100")
        own = [str(each["body"]) for each in all_of_it if each["user"]["login"] == BOT]
        return [text for text in own if text.startswith(f"<!-- tdev:{marker}" if marker else "")]

    def answer(self, number: int, text: str) -> str:
        """What the bot answers to a comment."""
        before = len(self.comments(number, "answer"))
        self.say(number, text)
        until(lambda: len(self.comments(number, "answer")) > before and self.settled())
        return self.comments(number, "answer")[-1]

    def reactions(self, number: int, comment_id: int = 0) -> list[str]:
        """The bot's reactions on an issue or a comment."""
        place = f"comments/{comment_id}" if comment_id else str(number)
        found = self.ask("GET", f"/issues/{place}/reactions")
        return [str(each["content"]) for each in found if each["user"]["login"] == BOT]

    def runs(self) -> list[dict[str, Any]]:
        """Workflow runs, newest first."""
        return list(self.ask("GET", "/actions/runs?event=workflow_dispatch")["workflow_runs"])

    def settled(self) -> bool:
        """All that was to be delivered is delivered and dealt with."""
        waiting = self.forge.store.value("SELECT count(*) FROM hook_deliveries WHERE state <> 'sent'")
        return not waiting and all(state != "waiting" for _, _, state in self.bot.rows())

    def branch(self, name: str, base: str = "main") -> str:
        """A branch with one commit on top of another; its commit."""
        sha = self.ask("GET", f"/git/ref/heads/{base}")["object"]["sha"]
        self.ask("POST", "/git/refs", {"ref": f"refs/heads/{name}", "sha": sha}, status=201)
        content = {"message": "More", "content": "eSA9IDIK", "branch": name}
        made = self.ask("PUT", f"/contents/{name.replace('/', '_')}.py", content, status=201)
        return str(made["commit"]["sha"])

    def pull(self, branch: str, base: str = "main", body: str = "", *, who: str = "mona") -> int:
        """A pull request; its number."""
        given = {"title": branch, "head": branch, "base": base, "body": body}
        return int(self.ask("POST", "/pulls", given, who=who, status=201)["number"])

    def check(self, sha: str, name: str, conclusion: str, **output: str) -> None:
        """A check run of the App's."""
        given = {"name": name, "head_sha": sha, "status": "completed", "conclusion": conclusion}
        given |= {"output": {"title": name, "summary": "", **output}}
        self.ask("POST", "/check-runs", given, who=BOT, status=201)

    def deliveries(self, event: str) -> list[Row]:
        """What the forge has to say of an event, oldest first."""
        return self.forge.store.all("SELECT * FROM hook_deliveries WHERE event = ? ORDER BY id", event)

    def fault(self, **fault: Any) -> None:
        """Something goes wrong on purpose."""
        self.forge.admin("POST", "faults", fault)

    def stop(self) -> None:
        """End whatever still runs."""
        for bot in self.bots:
            if bot.process.poll() is None:
                bot.stop(signal.SIGKILL)


@contextmanager
def world(
    settings: Settings,
    runner: Runner,
    *,
    files: Mapping[str, str] = FILES,
    observe: Callable[[Exchange], None] | None = None,
    **more: str,
) -> Iterator[World]:
    """Run the forge until the block ends; bots are started by the test."""
    with running_forge(settings.home / "forge", settings, runner=runner, observe=observe) as forge:
        here = World(forge, settings, files, more)
        try:
            yield here
        finally:
            here.stop()
