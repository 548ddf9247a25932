"""What act prints (`--json --verbose`), told to a job's report: its steps, what they print, how the job ended.

Comes in: act's standard output and error, line by line. Goes out: calls of Report. Lines of debugging are dropped
unless they say how a step ended, for they hold the variables of steps. What follows `::add-mask::` the report hides.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tdev.forge.workflows.runner import Report

_BEGINS = "\u2b50 Run "
_CHATTER = ("LocalRepositoryCache ", "Cleaning up ")
_ROUND = ("Pre", "Post")
"""What is done for a step before and after those of the file."""
_FORGIVEN = "Failed but continue next step"
_MARKS = {"error": "##[error]", "warning": "##[warning]", "fatal": "##[error]", "notice": "##[notice]"}


@dataclass
class ActLog:
    """One run of act."""

    report: Report
    job: str
    """What the job is called in act's workflow."""
    result: str = ""
    """`success` or `failure` as soon as act has said so."""
    others_failed: str = ""
    """What a job failed with that is not ours, such as the one that writes down outputs."""
    _open: bool = False
    """A step has begun that the report knows of."""
    _waits: str = ""
    """A step before or after those of the file that has begun, and is told of when it says anything."""
    _forgiven: bool = False

    def line(self, text: bytes) -> None:
        """One line of standard output."""
        entry = _entry(text)
        if entry is None:
            self.error(text)
        elif entry.get("jobID") == self.job:
            self._told(entry)
        elif entry.get("level") in ("error", "fatal"):
            self.others_failed = str(entry.get("msg"))

    def error(self, text: bytes) -> None:
        """One line of standard error, or one of standard output that is no JSON."""
        entry = _entry(text)
        if entry is None and text.strip():
            self._write(text.decode("utf-8", "replace"))
        elif entry is not None and entry.get("level") in ("error", "fatal"):
            self._write(f"##[error]{entry.get('msg')}")

    def _told(self, entry: dict[str, Any]) -> None:
        """A line about our job."""
        message, ended = str(entry.get("msg", "")), entry.get("stepResult")
        path = entry.get("stepID") or entry.get("stepid") or []
        if entry.get("jobResult"):
            self.result = str(entry["jobResult"])
        elif ended and len(path) == 1:
            self._ended(entry, str(ended))
        elif entry.get("level") == "debug":
            return
        elif message.startswith(_BEGINS):
            self._begins(entry, message, inner=len(path) > 1)
        elif entry.get("raw_output"):
            self._write(message)
        elif entry.get("command"):
            self._command(entry)
        elif message == _FORGIVEN and len(path) == 1:
            self._forgiven = True
        elif not ended and not message.startswith(_CHATTER):
            self._write(f"{_MARKS.get(str(entry.get('level')), '')}{message.strip()}")

    def _begins(self, entry: dict[str, Any], message: str, *, inner: bool) -> None:
        """A step begins; the first of the job is begun by the runner, and those of actions are lines of the log."""
        if inner:
            if entry.get("stage") not in _ROUND:
                self._write(message.removeprefix(_BEGINS).removeprefix("Main "))
            return
        self._forgiven, self._waits = False, ""
        if entry.get("stage") in _ROUND:
            self._waits = f"{entry['stage']} {entry.get('step')}"
        elif entry.get("stepid") != ["--setup-job"]:
            self.report.begin(str(entry.get("step")))
            self._open = True

    def _ended(self, entry: dict[str, Any], how: str) -> None:
        """A step of the job has ended, or is left out."""
        waits, self._waits = self._waits, ""
        if how == "skipped" and not self._open and entry.get("stage") not in _ROUND:
            self.report.begin(str(entry.get("step")))
        elif waits and how == "failure":
            self.report.begin(waits)
        elif waits or (how == "skipped" and not self._open):
            return
        self.report.end("success" if self._forgiven else how)
        self._open = False

    def _command(self, entry: dict[str, Any]) -> None:
        """A workflow command, as it stands in a log of GitHub's; outputs are not shown there."""
        name, arg = str(entry["command"]), str(entry.get("arg", ""))
        if name in _MARKS:
            self._write(f"{_MARKS[name]}{arg}")
        elif name == "add-mask" and arg:
            self._write("\n".join(f"::add-mask::{line}" for line in arg.splitlines() if line))
        elif entry.get("raw"):
            self._write(str(entry["raw"]))

    def _write(self, text: str) -> None:
        """Whole lines for the log."""
        if self._waits:
            self.report.begin(self._waits)
            self._waits, self._open = "", True
        self.report.write(text.replace("\r\n", "\n").rstrip("\n").encode() + b"\n")


def _entry(text: bytes) -> dict[str, Any] | None:
    """A line as the object it is; None when it is none."""
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "level" in entry else None
