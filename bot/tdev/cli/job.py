"""`tdev job ACTION`: the steps of the workflows build.yml, evolve.yml, deliver.yml and gates.yml, one call each.

What is asked for comes from the payload of the event that started the workflow (GITHUB_EVENT_PATH) or from the inputs
of a calling workflow (TDEV_ASKED), never from the command line: the goal is untrusted text and no shell sees it. The
run directory is handed on as an artifact. `begin` and `go` work, with a token that can only read; `gate` judges what
they made once more, on a clean checkout and without any key; `publish` and `learn` publish and run nothing of the
repository. `look`, `judge`, `report` and `scanning` do the same for a pull request. docs/publishing.md tells the whole.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tdev.adapters.files import sha256_of
from tdev.adapters.run_dir import RunDir
from tdev.cli.arguments import add_repository
from tdev.cli.progress import shown
from tdev.cli.step import put_out, summarise
from tdev.cli.summary import verdict_lines
from tdev.core import job
from tdev.core.artifacts.plan import Plan
from tdev.core.artifacts.verdict import Verdict
from tdev.core.outbound import inline
from tdev.core.plan_page import plan_markdown
from tdev.core.verdict_markdown import verdict_markdown
from tdev.errors import ConfigurationError, ExitCode, Refused
from tdev.settings import Settings
from tdev.stages.outcome import RunResult, result_of

FOLDER = "tdev-run"
JUDGED_MARK = "tdev-judged-already"
_WORK = ("research", "spec", "blueprint", "plan", "baseline", "code")
_MOST_EVENT = 32 * 1024 * 1024
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_ACTIONS = (
    ("begin", "make the run directory of what the event asks for"),
    ("go", "do one stage; one that this kind of goal does not need says so"),
    ("gate", "judge the run anew, on a clean checkout of the branch as it is now"),
    ("contract", "ask again whether a built service answers as its specification says"),
    ("publish", "branch, checks and pull request, or the reason why there are none"),
    ("learn", "write down what the run teaches"),
    ("look", "see whether the pull request's head was judged already"),
    ("judge", "hold the pull request's head against the gates"),
    ("report", "post what judging came to as checks on the head"),
    ("scanning", "upload what judging found to code scanning"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    parts = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in _ACTIONS:
        sub = parts.add_parser(name, help=text, description=text)
        if name == "go":
            sub.add_argument("stage", choices=_WORK, help="which stage; code goes on until the gates are settled")
        if name == "publish":
            sub.add_argument(
                "--judged",
                metavar="DIGEST",
                help="what MANIFEST.json must be, as `gate` has put out; default: not asked",
            )
        if name in ("begin", "gate", "contract", "judge"):
            add_repository(sub)
        if name != "look":
            sub.add_argument(
                "--run-dir", type=_place, metavar="DIR", help=f"the run directory (default: $RUNNER_TEMP/{FOLDER})"
            )


def _place(text: str) -> Path | None:
    """A folder; None for an empty text, as an action gives it for an input that is left out."""
    return Path(text) if text else None


def run(arguments: argparse.Namespace) -> int:
    """Do one step of a workflow."""
    settings = Settings.from_environment()
    actions: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
        "begin": _begin,
        "go": _go,
        "gate": _gate,
        "contract": _contract,
        "publish": _publish,
        "learn": _learn,
        "look": _look,
        "judge": _judge,
        "report": _report,
        "scanning": _scanning,
    }
    return actions[arguments.action](settings, arguments)


def _event(settings: Settings) -> Mapping[str, Any]:
    """The payload of the event that started the workflow."""
    file = settings.actions.event_file
    if file is None:
        raise ConfigurationError("GITHUB_EVENT_PATH is not set.", next_step="`tdev job` runs in a GitHub workflow.")
    try:
        with file.open("rb") as opened:
            payload = json.loads(opened.read(_MOST_EVENT))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"The event in {file} can't be read: {error}.") from error
    if not isinstance(payload, dict):
        raise ConfigurationError(f"The event in {file} is no JSON object.")
    return payload


def _temp(settings: Settings) -> Path:
    if settings.actions.temp is None:
        raise ConfigurationError("RUNNER_TEMP is not set.", next_step="`tdev job` runs in a GitHub workflow.")
    return settings.actions.temp


def _folder(settings: Settings, arguments: argparse.Namespace) -> Path:
    """Where the run directory is, or is to be."""
    return (arguments.run_dir or _temp(settings) / FOLDER).absolute()


def _emptied(settings: Settings, arguments: argparse.Namespace) -> Path:
    """Where the run directory is to be; what an earlier job on this machine left of its work there is removed."""
    folder = _folder(settings, arguments)
    RunDir(folder, settings).remove_work()
    return folder


def _opened(settings: Settings, arguments: argparse.Namespace) -> RunDir:
    folder = _folder(settings, arguments)
    if not (folder / "goal.json").is_file():
        raise ConfigurationError(f"{folder} is no run directory.", next_step="`tdev job begin` makes it.")
    return RunDir(folder, settings)


def _begin(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.asked import asked as asked_for
    from tdev.stages.asked import check_actor
    from tdev.stages.start import Origin, Request, start

    asked = asked_for(settings, _event(settings))
    asyncio.run(check_actor(settings, _event(settings), asked))
    origin = Origin(
        run_id=asked.run_id,
        full_name=asked.repository.full_name,
        base_ref=asked.from_branch,
        number=asked.number,
        requested_by=asked.requested_by or "",
        folder=_emptied(settings, arguments),
    )
    request = Request(
        kind=asked.kind,
        text=asked.goal,
        repository=arguments.repo,
        plan_only=asked.plan_only,
        origin=origin,
    )
    made = start(settings, request)
    goal = made.goal
    print(f"Run {goal.run_id} on {origin.full_name} at {goal.repository.base_sha[:10]}: {inline(goal.title)}")
    print(f"Engine {goal.engine}: {goal.engine_reason}.")
    put_out(settings, {"run-id": goal.run_id, "run-dir": str(made.path), "engine": goal.engine})
    return ExitCode.OK


def _go(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.loop import part

    found = _opened(settings, arguments)
    with shown(found, quiet=False):
        said = part(found, arguments.stage)
    print(said or f"{arguments.stage}: done.")
    if arguments.stage == "plan" and found.has(Plan):
        summarise(settings, plan_markdown(found.goal, found.read(Plan)))
    _tell(settings, found)
    if arguments.stage == "code" and found.has(Verdict):
        for line in verdict_lines(found.read(Verdict)):
            print(line)
    return ExitCode.OK


def _gate(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.asked import asked
    from tdev.stages.judge_anew import judge_anew

    found = _opened(settings, arguments)
    found.remove_work()
    with shown(found, quiet=False):
        said = judge_anew(found, asked(settings, _event(settings)), arguments.repo)
    print(said)
    if found.has(Verdict):
        for line in verdict_lines(found.read(Verdict)):
            print(line)
    put_out(settings, {"manifest": _manifest(found)})
    _tell(settings, found)
    return ExitCode.OK


def _contract(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.asked import asked
    from tdev.stages.judge_contract import judge_contract

    found = _opened(settings, arguments)
    found.remove_work()
    with shown(found, quiet=False):
        verdict = judge_contract(found, asked(settings, _event(settings)), arguments.repo)
    print(f"contract: {verdict.outcome.value}: {verdict.reason}")
    put_out(settings, {"verdict": verdict.outcome.value, "run-dir": str(found.path)})
    summarise(settings, verdict_markdown(verdict))
    return ExitCode.OK if verdict.outcome.lets_through else ExitCode.GATE_FAILED


def _tell(settings: Settings, found: RunDir) -> None:
    """Give the step what the run has come to so far."""
    verdict = found.read(Verdict).outcome.value if found.has(Verdict) else ""
    put_out(settings, {"run-dir": str(found.path), "verdict": verdict})


def _manifest(found: RunDir) -> str:
    """SHA-256 of MANIFEST.json, which names every other file of the run by its own; in letters, `a` for 0.

    An output that holds the text of a secret is not handed on to another job, and an App's id is a secret of digits.
    """
    return sha256_of(found.path / "MANIFEST.json")[0].translate(_LETTERS)


def _publish(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.asked import asked as asked_for
    from tdev.stages.publish_github import publish_on_github

    found = _opened(settings, arguments)
    if arguments.judged is not None and arguments.judged != _manifest(found):
        raise Refused("The run directory is not the one that was judged: its MANIFEST.json is another.")
    asked = asked_for(settings, _event(settings))
    with shown(found, quiet=False):
        made = asyncio.run(publish_on_github(found, asked))
    result = result_of(found)
    put_out(settings, {"branch": made.branch, "pull-request": str(made.pull_request or ""), "outcome": result.outcome})
    summarise(settings, _page(found, result, made.pull_request_url))
    if made.pull_request:
        print(f"Pull request #{made.pull_request} from {made.branch}: {made.pull_request_url}")
    else:
        print(f"Nothing was published: {made.reason}.", file=sys.stderr)
    return result.exit_code


def _page(found: RunDir, result: RunResult, url: str) -> str:
    """The summary of the workflow run, Markdown."""
    head = f"## {inline(result.goal)}\n\n{f'Pull request: {url}' if url else inline(result.reason, limit=1000)}\n\n"
    return head + (verdict_markdown(found.read(Verdict)) if found.has(Verdict) else "")


def _learn(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.loop import one_stage

    found = _opened(settings, arguments)
    one_stage(found, "learn")
    found.seal("learn")
    put_out(settings, {"run-dir": str(found.path)})
    return ExitCode.OK


def _look(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.checks_on_github import judged_already

    wanted = job.proposed(_event(settings))
    if asyncio.run(judged_already(settings, wanted)):
        (_temp(settings) / JUDGED_MARK).write_text(wanted.head_sha)
        print(f"Commit {wanted.head_sha[:10]} was judged already.")
    else:
        print(f"Commit {wanted.head_sha[:10]} was not judged yet.")
    return ExitCode.OK


def _judge(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.judge_head import judge_head, open_judgement

    wanted = job.proposed(_event(settings))
    mark = _temp(settings) / JUDGED_MARK
    if mark.is_file() and mark.read_text() == wanted.head_sha:
        print("It was judged already.")
        return ExitCode.OK
    found = open_judgement(settings, arguments.repo, wanted.base_sha, _emptied(settings, arguments))
    with shown(found, quiet=False):
        verdict = judge_head(found)
    print(f"{verdict.outcome.value}: {verdict.reason}")
    for line in verdict_lines(verdict):
        print(line)
    summarise(settings, verdict_markdown(verdict))
    return ExitCode.OK


def _report(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.checks_on_github import report

    wanted = job.proposed(_event(settings))
    posted = asyncio.run(report(settings, wanted, _folder(settings, arguments)))
    for name, conclusion in posted.items():
        print(f"{name}: {conclusion}")
    if not posted:
        print(f"Commit {wanted.head_sha[:10]} was judged already.")
    return ExitCode.OK


def _scanning(settings: Settings, arguments: argparse.Namespace) -> int:
    from tdev.stages.code_scanning import upload

    said = asyncio.run(upload(settings, job.proposed(_event(settings)), _folder(settings, arguments)))
    print(f"::notice title=Code scanning::{inline(said, limit=1000)}")
    return ExitCode.OK
