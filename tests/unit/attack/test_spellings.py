"""A secret is found in data of any length: anywhere in a file, across blocks, behind holes; no file is held whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from attack import spellings
from attack.spellings import Spellings, blocks_of, files_below, forms
from unit.attack.scenes import KEY

OTHER = "another-canary-9876543210zyxwvutsrqponm"
SPELLINGS = Spellings({"key": KEY, "other": OTHER})


def test_short_values_are_no_forms() -> None:
    assert forms("short") == set()
    assert os.sep not in {shape.decode() for shape in forms(KEY)}
    assert Spellings({"x": "short"}).names_in([b"short"]) == []


@pytest.mark.parametrize("size", [1, 2, 7, 64, 4096])
@pytest.mark.parametrize("form", sorted(forms(KEY)))
def test_every_form_is_found_across_blocks(form: bytes, size: int) -> None:
    for before in (0, 1, size - 1, size, 61):
        data = b"\1" * 5 + b"x" * before + form + b"y" * 70
        blocks = [data[start : start + size] for start in range(0, len(data), size)]
        assert SPELLINGS.names_in(blocks) == ["key"]


def test_white_space_between_blocks_does_not_count() -> None:
    assert SPELLINGS.names_in([KEY[:9].encode(), b" \n" * 5000, b"", KEY[9:].encode()]) == ["key"]


def test_equal_blocks_are_as_good_as_any() -> None:
    piece = KEY.encode()
    assert SPELLINGS.names_in([piece[20:] + b"|" + piece[:20]] * 3) == ["key"]
    assert SPELLINGS.names_in([b"x" * 4096] * 9 + [OTHER.encode(), piece]) == ["key", "other"]
    assert SPELLINGS.names_in([piece[:-1], b"?"]) == []


@pytest.mark.parametrize("place", [0, 1, 99_980, 100_000, 199_990, 200_001, 399_961])
def test_a_secret_anywhere_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    monkeypatch.setattr(spellings, "BLOCK", 100_000)
    file = tmp_path / "file"
    data = bytearray(b"-" * 400_000)
    data[place : place + len(KEY)] = KEY.encode()
    file.write_bytes(data)
    blocks = list(blocks_of(file))
    assert max(map(len, blocks)) <= 100_000 and b"".join(blocks) == bytes(data)
    assert SPELLINGS.names_in(blocks) == ["key"]


def test_holes_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file.open("wb") as opened:
        opened.seek(1 << 28)
        opened.write(KEY.encode())
        opened.truncate(1 << 29)
    blocks = list(blocks_of(file))
    assert sum(map(len, blocks)) < 1 << 20
    assert SPELLINGS.names_in(blocks) == ["key"]


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(KEY)
    folder = tmp_path / "folder"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "around").symlink_to(tmp_path)
    (folder / "deep" / "empty").touch()
    (folder / "deep" / "deeper" / "file").write_text("x")
    os.mkfifo(folder / "pipe")
    assert [file.name for file in files_below(folder)] == ["file"]
    for name in ("link", "pipe", "deep", "missing"):
        assert list(blocks_of(folder / name)) == []
