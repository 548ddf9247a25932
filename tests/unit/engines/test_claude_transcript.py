"""The transcript: whole lines of JSON, without secrets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tdev.engines.claude.fragments import SHORTEST, Fragments
from tdev.engines.claude.spoken import MAX_TEXT, spoken
from tdev.engines.claude.transcript import Transcript, append_line
from tdev.errors import TransientError

OWN = "own-secret-value-42"
LONG = "Zq3vT8xLm1-kR7wYpB5nC2sD9fG4hJ6aE0uQ"


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
    transcript = Transcript(file, (OWN,))
    deep = {"a": [{"b": f"x {OWN} y"}], OWN: 1, "n": 1.5, "t": True}
    message = spoken(Message([Block(OWN), Block('"quoted"\nline'), deep, object], {"again": OWN}))
    assert isinstance(message, dict)
    transcript.add({"type": "Message", **message})
    transcript.add({"type": "Prompt", "prompt": "ghp_" + "a" * 36})
    first, second = file.read_text().splitlines()
    assert OWN not in file.read_text() and "ghp_aaa" not in second
    line = json.loads(first)
    assert line["type"] == "Message" and line["content"][1]["text"] == '"quoted"\nline'
    assert "error" not in line["content"][0] and "tool_use_result" not in line
    assert line["content"][2]["n"] == 1.5


@pytest.mark.parametrize("length", [SHORTEST, 15, 20, 35])
def test_a_secret_in_pieces_over_several_lines_is_found_by_each(tmp_path: Path, length: int) -> None:
    file = tmp_path / "transcript.jsonl"
    transcript = Transcript(file, (LONG,))
    for start in range(len(LONG) - length + 1):
        transcript.add({"type": "Message", "text": f"part {LONG[start : start + length]}."})
    assert file.read_text().count("part [redacted:part].") == len(LONG) - length + 1


def test_what_only_looks_like_a_piece_stays(tmp_path: Path) -> None:
    fragments = Fragments((LONG, "short"))
    for text in (LONG[: SHORTEST - 1], LONG[3:9] + "xxxxxx" + LONG[9:15], "short", "the words of a text"):
        assert fragments.without(text) == text
    assert fragments.without(f"{LONG[:12]} and {LONG[20:34]}") == "[redacted:part] and [redacted:part]"
    assert fragments.without(LONG * 3) == "[redacted:part]" * 3


def test_a_huge_text_is_cut_and_says_so() -> None:
    assert spoken({"prompt": "x" * (MAX_TEXT + 10)}) == {"prompt": "x" * MAX_TEXT + " [cut]"}


def test_lone_surrogates_do_not_stop_it(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    Transcript(file, ()).add({"type": "Prompt", "prompt": "a\ud800b"})
    assert json.loads(file.read_text())["type"] == "Prompt"


def test_it_may_be_written_nowhere() -> None:
    Transcript(None, ()).add({"type": "Prompt"})


def test_a_line_never_joins_the_half_one_that_a_full_disk_left(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    file.write_text('{"half": ')
    append_line(file, '{"whole": 1}')
    append_line(file, '{"whole": 2}')
    assert file.read_text() == '{"half": \n{"whole": 1}\n{"whole": 2}\n'
    with pytest.raises(TransientError, match="full"):
        append_line(Path("/dev/full"), "x")


def test_it_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "transcript.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TransientError):
        append_line(tmp_path / "transcript.jsonl", "x")
    assert not (tmp_path / "elsewhere").exists()
