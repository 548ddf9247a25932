"""What semgrep prints, and the findings it is turned into.

Used by semgrep.py, which runs the program and decides whether the scan is evidence. Comes in: the
JSON of `semgrep scan --json`, described in semgrep's documentation; only the fields that are used
are declared, and one that is missing makes the whole output unreadable.

Severities have two sets of names, the old and the new ones. A finding's fingerprint is made from
the text of its lines with white space made even, so that it stays the same when the code above it
moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.fingerprint import fingerprint

NAME = "semgrep"
NOT_ANALYSED = "not-analysed"
"""Rule of the findings about files, or parts of them, that semgrep could not analyse."""

LEVELS = {
    "CRITICAL": Severity.ERROR,
    "ERROR": Severity.ERROR,
    "HIGH": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "MEDIUM": Severity.WARNING,
    "INFO": Severity.NOTE,
    "LOW": Severity.NOTE,
}
"""Our severity by semgrep's; a name that is not here makes the scan no evidence."""


class _Position(BaseModel):
    line: int


class _Extra(BaseModel):
    severity: str
    message: str
    metadata: dict[str, Any] = {}


class _Result(BaseModel):
    check_id: str
    path: str
    start: _Position
    end: _Position
    extra: _Extra


class _Span(BaseModel):
    file: str
    start: _Position
    end: _Position


class _Error(BaseModel):
    type: Any = ""
    message: str = ""
    path: str | None = None
    spans: list[_Span] | None = None


class _Paths(BaseModel):
    scanned: list[str]


class Output(BaseModel):
    """What `semgrep scan --json` prints, as far as it is used."""

    results: list[_Result]
    errors: list[_Error]
    paths: _Paths


def finding_of(result: _Result, texts: Texts) -> Finding:
    """One result as a finding."""
    path, first, last = plain(result.path), result.start.line, result.end.line
    remedy = result.extra.metadata.get("remedy", "")
    return Finding(
        tool=NAME,
        rule=result.check_id,
        severity=LEVELS[result.extra.severity],
        message=" ".join(result.extra.message.split()),
        path=path,
        line=first,
        end_line=last,
        remedy=remedy if isinstance(remedy, str) else "",
        fingerprint=fingerprint(NAME, result.check_id, path, texts.part(path, first, last)),
    )


def unparsed(error: _Error, texts: Texts) -> Iterator[Finding]:
    """What could not be analysed: the lines where semgrep names them, else the whole file."""
    path = plain(error.path or "")
    kind = error.type[0] if isinstance(error.type, list) and error.type else str(error.type)
    partly = kind == "PartialParsing" and error.spans
    for span in (error.spans or []) if partly else [None]:
        first, last = (span.start.line, span.end.line) if span else (0, 0)
        yield _not_analysed(path, first, last, " ".join(error.message.split())[:300], texts.part(path, first, last))


def left_out(path: str) -> Finding:
    """A Python file semgrep does not mention."""
    return _not_analysed(path, 0, 0, "semgrep left it out", "")


def _not_analysed(path: str, first: int, last: int, why: str, text: str) -> Finding:
    return Finding(
        tool=NAME,
        rule=NOT_ANALYSED,
        severity=Severity.ERROR,
        message=f"{path} was not analysed: {why}",
        path=path,
        line=first,
        end_line=last,
        remedy="Correct the syntax, or split the file so that it can be analysed.",
        fingerprint=fingerprint(NAME, NOT_ANALYSED, path, text),
    )


class Texts:
    """The scanned files' lines, read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lines: dict[str, list[str]] = {}

    def part(self, path: str, first: int, last: int) -> str:
        """Lines `first` to `last` with their white space made even; empty when they can't be read."""
        if path not in self._lines:
            self._lines[path] = _lines_of(self._root / path)
        return "\n".join(" ".join(line.split()) for line in self._lines[path][max(first - 1, 0) : last])


def _lines_of(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", "replace").split("\n")
    except OSError:
        return []


def plain(path: str) -> str:
    """A path as git writes it, fit for JSON."""
    return path.removeprefix("./").encode("utf-8", "replace").decode()
