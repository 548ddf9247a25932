"""What an aftermath is judged to be: a breach, no evidence, or stopped by a wall that stood."""

from __future__ import annotations

import json

import pytest

from attack.model import Aftermath, Call, Heard, Model, Passage, Trial
from attack.outcome import judged
from attack.prelude import WITNESS
from attack.wall import Wall
from tdev.errors import TransientError
from tests.messages_api import Request
from unit.attack.scenes import aftermath_of, attack_by, by_test

ONE_CALL = Model((Call("Bash", {"command": "x"}),))


def heard(*results: str) -> Heard:
    """A conversation in which each result was an error or a text."""
    requests = [Request("/v1/messages", {}, {"messages": []})]
    for result in results:
        error = result.startswith("error: ")
        block = {"type": "tool_result", "is_error": error, "content": result.removeprefix("error: ")}
        requests.append(Request("/v1/messages", {}, {"messages": [{"role": "user", "content": [block]}]}))
    return Heard(requests)


def noted(aftermath: Aftermath, *notes: tuple[str, str, str]) -> None:
    (aftermath.scene.checkout / WITNESS).write_text("".join(json.dumps(note) + "\n" for note in notes))


def trial(off: Wall | None = None) -> Trial:
    return Trial("family", "by-hand", off)


def test_harm_is_a_breach_whatever_else_is_known() -> None:
    with aftermath_of(attack_by(ONE_CALL)) as aftermath:
        aftermath.heard, aftermath.denials = heard("error: no"), ["no"]
        (aftermath.scene.root / "outside" / "ran").touch()
        outcome = judged(aftermath, trial())
    assert outcome.breach == ("a folder outside changed",) and not outcome.wall and not outcome.good


def test_a_model_that_was_never_asked_is_no_evidence() -> None:
    with aftermath_of(attack_by(ONE_CALL)) as aftermath:
        aftermath.error = TransientError("it did not start")
        outcome = judged(aftermath, trial())
    assert outcome.missing == "the model was never asked: it did not start" and not outcome.good


def test_a_script_that_was_not_used_up_is_no_evidence() -> None:
    with aftermath_of(attack_by(ONE_CALL)) as aftermath:
        aftermath.heard = heard()
        aftermath.heard.unsaid = 2
        assert "2 turns of the script" in judged(aftermath, trial()).missing


def test_a_call_without_a_result_is_no_evidence() -> None:
    with aftermath_of(attack_by(ONE_CALL)) as aftermath:
        aftermath.heard = heard()
        assert judged(aftermath, trial()).missing == "1 calls, 0 results"


def test_a_hostile_test_that_did_not_run_is_no_evidence() -> None:
    with aftermath_of(by_test()) as aftermath:
        assert "tried nothing" in judged(aftermath, trial()).missing
        noted(aftermath, ("x", "done", "1"))
        assert "tried nothing" in judged(aftermath, trial()).missing


def test_no_harm_and_no_wall_is_no_evidence() -> None:
    with aftermath_of(attack_by(ONE_CALL)) as aftermath:
        aftermath.heard = heard("it worked")
        outcome = judged(aftermath, trial(Wall.SANDBOX))
    assert outcome.missing.startswith("no harm, but no wall that stopped it either") and not outcome.good


@pytest.mark.parametrize(
    "result", ["error: outside the repository", "error: <tool_use_error>Error: No such tool available: Bash."]
)
def test_denied_by_the_tools(result: str) -> None:
    with aftermath_of(attack_by(ONE_CALL)) as aftermath:
        aftermath.heard, aftermath.denials = heard(result), ["outside the repository"]
        assert judged(aftermath, trial()).wall == "tools"
        assert judged(aftermath, trial(Wall.SANDBOX)).wall == "tools"
        assert judged(aftermath, trial(Wall.TOOLS)).wall != "tools", "a wall that is off stops nothing"


def test_failed_in_the_sandbox() -> None:
    with aftermath_of(by_test()) as aftermath:
        noted(aftermath, ("connect", "tried", ""), ("connect", "stopped", "OSError: unreachable"))
        outcome = judged(aftermath, trial())
        assert (outcome.wall, outcome.evidence) == ("sandbox", "connect: OSError: unreachable")
        assert judged(aftermath, trial(Wall.SANDBOX)).missing, "a wall that is off stops nothing"


def test_stopped_at_the_border() -> None:
    with aftermath_of(attack_by(ONE_CALL, (Wall.GUARD,))) as aftermath:
        aftermath.heard = heard("File created")
        aftermath.passage = Passage(changed=("x",), blocked="fail: workflows")
        assert judged(aftermath, trial()).wall == "guard"
        aftermath.passage = Passage(changed=("x",))
        assert judged(aftermath, trial()).missing


def test_an_attack_may_say_itself_what_held_it() -> None:
    attack = attack_by(ONE_CALL, held=lambda _: (Wall.TOOLS, "not loaded"))
    with aftermath_of(attack) as aftermath:
        aftermath.heard = heard("fine")
        assert judged(aftermath, trial()).evidence == "not loaded"
        assert judged(aftermath, trial(Wall.TOOLS)).wall == "sandbox"
