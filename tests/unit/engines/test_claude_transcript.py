"""The transcript: whole lines of JSON, without secrets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tdev.engines.claude.transcript import MAX_TEXT, Transcript

OWN = "own-secret-value-42"


@dataclass
class Block:
    """A part of a message."""

    text: str
    error: str | None = None


@dataclass
class Message:
    """A message."""

    content: list[object]
    tool_use_result: object = None


def test_every_text_is_redacted_wherever_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    transcript = Transcript(str(file), (OWN,))
    deep = {"a": [{"b": f"x {OWN} y"}], OWN: 1, "n": 1.5, "t": True}
    transcript.add("Message", Message([Block(OWN), Block('"quoted"\nline'), deep, object], {"again": OWN}))
    transcript.add("Prompt", {"prompt": "ghp_" + "a" * 36})
    first, second = file.read_text().splitlines()
    assert OWN not in file.read_text() and "ghp_aaa" not in second
    message = json.loads(first)
    assert message["type"] == "Message" and message["content"][1]["text"] == '"quoted"\nline'
    assert "error" not in message["content"][0] and "tool_use_result" not in message
    assert message["content"][2]["n"] == 1.5


def test_a_huge_text_is_cut_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    Transcript(str(file), ()).add("Prompt", {"prompt": "x" * (MAX_TEXT + 10)})
    assert json.loads(file.read_text())["prompt"] == "x" * MAX_TEXT + " [cut]"


def test_lone_surrogates_do_not_stop_it(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    Transcript(str(file), ()).add("Prompt", {"prompt": "a\ud800b"})
    assert json.loads(file.read_text())["type"] == "Prompt"


def test_it_may_be_written_nowhere() -> None:
    Transcript("", ()).add("Prompt", {"prompt": "x"})
