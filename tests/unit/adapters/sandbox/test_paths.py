"""What a cell shows, in which order, and what it refuses to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.paths import Place, places
from tdev.errors import Refused


def cell(cwd: Path, *, writable: tuple[Path, ...] = (), read_only: tuple[Path, ...] = ()) -> Cell:
    return Cell(cwd=cwd, environment={}, writable=writable, read_only=read_only)


def test_what_lies_deeper_comes_later_and_read_only_wins(tmp_path: Path) -> None:
    outer, git, cache = tmp_path / "c", tmp_path / "c" / ".git", tmp_path / "c" / ".git" / "cache"
    cache.mkdir(parents=True)
    found = places(cell(outer, writable=(cache, outer), read_only=(git,)))
    assert found == (Place(outer, True), Place(git, False), Place(cache, True))
    assert places(cell(outer, writable=(outer,), read_only=(outer,))) == (Place(outer, False),)


@pytest.mark.parametrize("path", ["/nowhere/at/all", "relative", "/usr/../etc", "/"])
def test_paths_that_can_not_be_shown(tmp_path: Path, path: str) -> None:
    with pytest.raises(Refused, match="can't show"):
        places(cell(tmp_path, read_only=(Path(path),)))


def test_a_link_that_a_program_could_have_made_is_not_followed(tmp_path: Path) -> None:
    checkout, secret = tmp_path / "checkout", tmp_path / "secret"
    checkout.mkdir()
    secret.mkdir()
    (checkout / ".git").symlink_to(secret)
    (checkout / "sub").symlink_to(tmp_path)
    for path in (checkout / ".git", checkout / "sub" / "secret"):
        with pytest.raises(Refused, match="through a link"):
            places(cell(checkout, writable=(checkout,), read_only=(path,)))
