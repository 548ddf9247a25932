"""The ledger of tries: what a killed one has cost is told once, and of its HOME only the session's record is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tdev.engines.claude.record import PROJECTS, record_of, take
from tdev.engines.claude.tries import Tries

SESSION = "12345678-1234-1234-1234-123456789abc"


def spend(log: Path, *dollars: float) -> None:
    with log.open("a") as file:
        file.writelines(json.dumps({"usd": usd}) + "\n" for usd in dollars)


def test_what_was_never_reported_is_reported_once(tmp_path: Path) -> None:
    spend(Tries(tmp_path, 0.0).begin(1, SESSION), 0.25, 0.5)
    again = Tries(tmp_path, 0.0)
    spend(again.begin(1, SESSION), 1.0)
    assert again.unreported_usd(1.0) == 1.75, "the killed one and its own"
    third = Tries(tmp_path, 1.75)
    spend(third.begin(2), 0.125)
    assert third.unreported_usd(0.125) == 0.125


def test_the_ledger_may_begin_or_be_lost_in_the_middle(tmp_path: Path) -> None:
    late = Tries(tmp_path, on_record=4.0)
    spend(late.begin(3), 0.5)
    assert late.unreported_usd(0.5) == 0.5
    elsewhere = Tries(tmp_path, on_record=9.0)
    spend(elsewhere.begin(4), 0.25)
    assert elsewhere.unreported_usd(0.25) == 0.25, "another machine has put more on record than this ledger knows"


def test_half_a_line_and_no_line_are_no_trouble(tmp_path: Path) -> None:
    tries = Tries(tmp_path, 0.0)
    log = tries.begin(1)
    assert tries.unreported_usd(0.0) == 0.0
    spend(log, 0.5)
    with log.open("a") as file:
        file.write('{"usd": 0.7')
    assert tries.unreported_usd(0.0) == 0.5
    assert tries.unreported_usd(0.75) == 0.75, "the proxy knows more than a full disk could take"


def test_the_last_one_says_whether_it_ended(tmp_path: Path) -> None:
    tries = Tries(tmp_path, 0.0)
    assert tries.last() is None
    tries.begin(1, SESSION)
    last = Tries(tmp_path, 0.0).last()
    assert last and not last.ended and last.session == SESSION
    tries.end(0.5)
    last = Tries(tmp_path, 0.0).last()
    assert last and last.ended and tries.reported_usd(SESSION) == 0.5 and tries.reported_usd("other") == 0.0


def test_a_ledger_that_is_no_ledger_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "tries.json").write_text("{")
    assert Tries(tmp_path, 0.0).last() is None


def record(home: Path, text: str = '{"a": 1}\n') -> Path:
    folder = home / PROJECTS / "-tmp-checkout"
    folder.mkdir(parents=True)
    file = folder / f"{SESSION}.jsonl"
    file.write_text(text)
    return file


def test_only_the_record_is_taken_along_and_only_whole_lines_of_it(tmp_path: Path) -> None:
    old, new = tmp_path / "home-1", tmp_path / "home-2"
    file = record(old, '{"a": 1}\n{"b": 2}\n{"half')
    (old / PROJECTS / "settings.json").write_text("{}")
    found = record_of((tmp_path / "home-0", old), SESSION)
    assert found == file
    take(found, new)
    assert [path.name for path in new.rglob("*") if path.is_file()] == [file.name]
    assert next(new.rglob("*.jsonl")).read_text() == '{"a": 1}\n{"b": 2}\n'


@pytest.mark.parametrize("kind", ["link", "folder link", "projects link", "empty", "folder", "odd name"])
def test_a_record_that_is_no_plain_file_is_none(tmp_path: Path, kind: str) -> None:
    """What stands there may have been made by the model."""
    elsewhere, home = tmp_path / "elsewhere", tmp_path / "home"
    real = record(elsewhere)
    projects = home / PROJECTS
    projects.mkdir(parents=True)
    match kind:
        case "link":
            (projects / "-p").mkdir()
            (projects / "-p" / real.name).symlink_to(real)
        case "folder link":
            (projects / "-p").symlink_to(real.parent)
        case "projects link":
            projects.rmdir()
            projects.symlink_to(elsewhere / PROJECTS)
        case "empty":
            record(tmp_path / "other", "").parent.rename(projects / "-p")
        case "folder":
            (projects / "-p" / real.name).mkdir(parents=True)
        case "odd name":
            (projects / "..p").mkdir()
            real.rename(projects / "..p" / real.name)
    assert record_of((home,), SESSION) is None


@pytest.mark.parametrize("session", ["", "../../etc/passwd", "*", SESSION.upper(), f"{SESSION}x"])
def test_a_session_that_is_no_id_has_no_record(tmp_path: Path, session: str) -> None:
    record(tmp_path)
    assert record_of((tmp_path,), session) is None
