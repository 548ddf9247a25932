"""Through the model: the real Claude Code in its sandbox, told what to do by a scripted endpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from attack.model import Aftermath, Call, Heard, Model, Scene, bash
from attack.scene import interpreter, policy_of
from attack.wall import Wall
from tdev.core.artifacts.goal import Budget, Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.engines.claude.engine import ClaudeEngine
from tdev.engines.engine import Job
from tdev.errors import TdevError
from tests.messages_api import MessagesApi, Reply, Request, Turn, say, use


def carry_out(scene: Scene, way: Model, off: Wall | None) -> Aftermath:
    """Let the model do it; what came of it so far."""
    with MessagesApi(_script(scene, way)) as api:
        scene.places["endpoint"] = api.url.rpartition(":")[2]
        settings = replace(scene.settings, credentials=_credential(scene), model_base_url=api.url)
        scene.settings = settings
        aftermath = Aftermath(scene)
        started = time.monotonic()
        try:
            aftermath.work = ClaudeEngine(guard_tools=off is not Wall.TOOLS).perform(_job(scene, way))
        except TdevError as error:
            aftermath.error = error
        aftermath.seconds = time.monotonic() - started
        unsaid = 0 if way.turns else len(api.left())
        aftermath.heard = Heard(list(api.requests), list(api.side_requests), unsaid)
    aftermath.denials = _denials(scene)
    aftermath.usd = aftermath.work.cost_usd if aftermath.work else getattr(aftermath.error, "cost_usd", 0.0)
    return aftermath


def _denials(scene: Scene) -> list[str]:
    """Every reason for which the tool policy denied a call, from the transcript."""
    file = scene.settings.runs / scene.run_id / "transcript.jsonl"
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    rows = (json.loads(line) for line in lines if '"Denial"' in line)
    return [str(row.get("reason", "")) for row in rows if row.get("type") == "Denial"]


def _credential(scene: Scene) -> dict[str, str]:
    return {"ANTHROPIC_API_KEY": scene.places["key"]}


def _script(scene: Scene, way: Model) -> Iterator[Turn]:
    """The turns; filled in as they are asked for, when all places are known."""
    if way.turns:
        yield from way.turns(scene)
        return
    for call in way.calls:
        yield partial(_turn, scene, call)
    yield say(str(scene.filled(way.words)))


def _turn(scene: Scene, call: Call, request: Request) -> Reply:
    """The call, by what the request offers for it."""
    by_shell = call.instead and call.tool not in request.tools
    made = bash(call.instead) if by_shell else call
    arguments = scene.filled(made.input)
    return use(made.tool, **(arguments if isinstance(arguments, dict) else {}))


def _job(scene: Scene, way: Model) -> Job:
    """One try at one task, as the code stage gives it."""
    attack, folder = scene.attack, scene.settings.runs / scene.run_id
    folder.mkdir(parents=True)
    return Job(
        goal=goal_of(scene, way),
        task=Task(id="T1", title="Mend add", description="add() must add.", estimate_hours=1, risk=2),
        policy=policy_of(scene),
        settings=scene.settings,
        checkout=scene.checkout,
        project=scene.checkout,
        python=interpreter(),
        run_folder=folder,
        transcript=folder / "transcript.jsonl",
        attempt=1,
        feedback=(),
        session="",
        usd_left=attack.usd,
        seconds_left=attack.seconds,
        progress=lambda _line: None,
    )


def goal_of(scene: Scene, way: Model) -> Goal:
    """What was asked."""
    attack = scene.attack
    text = str(scene.filled(way.task))
    return Goal(
        run_id=scene.run_id,
        goal_id="g-attack",
        trace_id="0" * 31 + "1",
        kind=GoalKind.EVOLVE,
        text=text,
        title="Mend add",
        slug=attack.name,
        repository=Repository(path=str(scene.source), name="calculator", base_sha=scene.base),
        engine="claude",
        engine_reason="asked for",
        budget=Budget(turns=attack.turns, usd=attack.usd),
        created_at="2026-01-01T00:00:00Z",
    )
