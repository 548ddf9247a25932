"""What act prints, as the report of a job hears it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tdev.forge.workflows.act_log import ActLog


class Heard:
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()
        self.told: list[str] = []

    def begin(self, name: str) -> None:
        """A step begins."""
        self.told.append(f"> {name}")

    def end(self, conclusion: str) -> None:
        """The step that began last has ended."""
        self.told.append(f"< {conclusion}")

    def write(self, text: bytes) -> None:
        """The step prints something."""
        self.told.append(text.decode().rstrip("\n"))

    def keep(self, name: str, archive: Path, days: int, *, overwrite: bool) -> None:
        """No artifact is told of here."""
        raise AssertionError(name)

    def artifact(self, name: str) -> Path | None:
        """No artifact is asked for here."""
        raise AssertionError(name)


def heard(*entries: dict[str, Any] | str) -> tuple[list[str], ActLog]:
    """What a report hears of lines about the job `main`, and the log."""
    report = Heard()
    log = ActLog(report, "main")
    for entry in entries:
        line = entry if isinstance(entry, str) else json.dumps({"level": "info", "jobID": "main", **entry})
        log.line(line.encode())
    return report.told, log


def step(message: str, number: str = "0", **more: Any) -> dict[str, Any]:
    """A line about a step."""
    return {"msg": message, "stage": "Main", "step": "Say it", "stepID": [number], **more}


def test_steps_begin_print_and_end() -> None:
    told, log = heard(
        {"msg": "⭐ Run Set up job", "step": "Set up job", "stepid": ["--setup-job"]},
        {"msg": "  ✅  Success - Set up job", "stepResult": "success", "stepid": ["--setup-job"]},
        step("⭐ Run Main Say it"),
        step("hello\r\n", raw_output=True),
        step("  ⚙  ***", command="add-mask", arg="one\ntwo"),
        step("  🚧  ::warning::careful", command="warning", arg="careful", level="warning"),
        step("  ⚙  ::set-output:: a=secret", command="set-output", arg="secret"),
        step("⭐ Run Main inner", stepID=["0", "1"]),
        step("  ✅  Success", stepID=["0", "1"], stepResult="success"),
        step("  ✅  Success", stepResult="success"),
        {"msg": "🏁  Job succeeded", "jobResult": "success"},
    )
    assert told == [
        "< success", "> Say it", "hello", "::add-mask::one\n::add-mask::two", "##[warning]careful", "inner",
        "< success",
    ]  # fmt: skip
    assert log.result == "success"


def test_what_is_left_out_or_forgiven_or_fails_is_told_as_such() -> None:
    told, log = heard(
        step("Skipping step", level="debug", stepResult="skipped"),
        step("⭐ Run Main Say it", "1"),
        step("Failed but continue next step", "1"),
        step("  ❌  Failure", "1", stepResult="failure"),
        step("⭐ Run Main Say it", "2"),
        step("  ❌  Failure", "2", stepResult="failure"),
        step("exit status 4", "2", level="error"),
        {"msg": "🏁  Job failed", "jobResult": "failure"},
    )
    assert told == [
        "> Say it", "< skipped", "> Say it", "< success", "> Say it", "< failure", "##[error]exit status 4",
    ]  # fmt: skip
    assert log.result == "failure"


def test_before_and_after_a_step_is_only_told_where_it_says_something() -> None:
    quiet = {"stage": "Post", "step": "Say it", "stepID": ["0"]}
    told, _ = heard({"msg": "⭐ Run Post Say it", **quiet}, {"msg": "ok", "stepResult": "success", **quiet})
    assert told == []
    loud = (
        {"msg": "⭐ Run Post Say it", **quiet},
        {"msg": "gone\n", "raw_output": True, **quiet},
        {"msg": "ok", "stepResult": "success", **quiet},
    )
    assert heard(*loud)[0] == ["> Post Say it", "gone", "< success"]
    failed = ({"msg": "⭐ Run Post Say it", **quiet}, {"msg": "no", "stepResult": "failure", **quiet})
    assert heard(*failed)[0] == ["> Post Say it", "< failure"]


def test_variables_and_other_jobs_are_not_in_the_log() -> None:
    told, log = heard(
        step("setupEnv => map[KEY:secret]", level="debug"),
        {"msg": "exit status 1", "level": "error", "jobID": "stub"},
        {"msg": "🏁  Job succeeded", "jobResult": "success", "jobID": "stub"},
        "Error: Job 'main' failed",
    )
    assert told == ["Error: Job 'main' failed"]
    assert (log.result, log.others_failed) == ("", "exit status 1")
