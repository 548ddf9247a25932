"""A run whose machine sets its clock on and back by weeks: it ends as if nothing had been, and counts each dollar."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from messages_api import Answer, Request, say, use
from support.claude_job import CALCULATOR, FIXED, KEY, MakeRepository, StartApi, scripted_apis
from support.command import Tdev, git
from support.machine import lacks
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
api_for = pytest.fixture(scripted_apis)

WIDER = CALCULATOR["tests/test_calculator.py"] + "\n\ndef test_sum():\n    assert add(2, 3) == 5\n"
SOURCE = Path(__file__).parents[1] / "support" / "clock.c"
ONE_ANSWER = (5000 * 2 + 200 * 10) / 1_000_000
"""US dollars of one scripted answer."""
DAY = 86_400
JUMPS = (40 * DAY, -40 * DAY, 3600, -365 * DAY, 0)
"""Where the clock stands, in seconds against the machine's, from one answer of the model to the next."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What shifts the time that a program is told (support/clock.c)."""
    compiler = shutil.which("cc")
    if compiler is None:
        lacks("a C compiler (cc)")
    built = tmp_path_factory.mktemp("clock") / "clock.so"
    subprocess.run((compiler, "-shared", "-fPIC", "-O1", "-o", built, SOURCE), check=True)
    return built


def test_a_clock_that_jumps_changes_nothing(
    settings: Settings, tdev: Tdev, make_repository: MakeRepository, api_for: StartApi, library: Path, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    shifted = {"LD_PRELOAD": str(library), "TEST_CLOCK": str(clock)}
    jumps = iter(JUMPS)
    answers = (
        use("Read", file_path="calculator.py"),
        use("Edit", file_path="calculator.py", **FIXED),
        use("Read", file_path="tests/test_calculator.py"),
        use("Write", file_path="tests/test_calculator.py", content=WIDER),
        say("add() adds now, and a test shows it."),
    )

    def jumping(answer: Answer) -> Callable[[Request], Answer]:
        def give(_request: Request) -> Answer:
            clock.write_text(str(next(jumps)))
            return answer

        return give

    repository = make_repository(CALCULATOR)
    api = api_for([jumping(answer) for answer in answers])
    ended = tdev(
        "evolve", "add() subtracts. Make it add.", "--repo", repository, "--json",
        ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=api.url, **shifted,
    )  # fmt: skip
    assert ended.exit_code == 0, ended.stdout + ended.stderr
    assert next(jumps, None) is None, "the clock stood at every place"
    assert "return a + b" in git(repository, "show", f"{ended.json['branch']}:calculator.py")
    run = settings.runs / ended.json["run_id"]
    (attempt,) = json.loads((run / "patch.json").read_text())["attempts"]
    assert attempt["cost_usd"] == ended.json["cost_usd"] == pytest.approx(len(answers) * ONE_ANSWER, rel=0.01)
    seen = {json.loads(line)["time"][:4] for line in (run / "events.jsonl").read_text().splitlines()}
    assert len(seen) > 1, "the run itself was told of other years"
    assert api.left() == [] and api.overrun == 0
