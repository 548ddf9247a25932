"""The cache of facts: what is kept comes back, what is damaged does not, and nothing it suffers stops a run."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tdev.adapters.content_cache import ContentCache, scanner_version


def filled(folder: Path, count: int = 3) -> Path:
    with ContentCache(folder, scanner_version()) as cache:
        cache.keep({f"key{number}": f'["body {number}"]' for number in range(count)})
    return cache.file


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    filled(tmp_path, 1200)
    with ContentCache(tmp_path, scanner_version()) as cache:
        found = cache.find([*(f"key{number}" for number in range(1200)), "absent"])
    assert len(found) == 1200 and found["key7"] == '["body 7"]' and not cache.trouble


def test_a_damaged_entry_is_as_good_as_none(tmp_path: Path) -> None:
    file = filled(tmp_path)
    with sqlite3.connect(file) as db:
        db.execute("UPDATE facts SET body = ? WHERE key = 'key0'", ('["body X"]',))
        db.execute("UPDATE facts SET body = CAST(? AS TEXT) WHERE key = 'key1'", (b"\xff\xfe",))
    db.close()
    with ContentCache(tmp_path, scanner_version()) as cache:
        assert set(cache.find(["key0", "key1", "key2"])) == {"key2"}
        cache.keep({"key0": '["body 0"]'})
        assert set(cache.find(["key0", "key1", "key2"])) == {"key0", "key2"}


@pytest.mark.parametrize(
    "damage", [b"no database at all, but long enough to be read as one" * 20, b"SQLite format 3\0" * 64]
)
def test_a_damaged_file_is_thrown_away(tmp_path: Path, damage: bytes) -> None:
    file = filled(tmp_path)
    file.write_bytes(damage)
    with ContentCache(tmp_path, scanner_version()) as cache:
        assert cache.find(["key0"]) == {}
        cache.keep({"key0": "[]"})
    with ContentCache(tmp_path, scanner_version()) as cache:
        assert cache.find(["key0"]) == {"key0": "[]"}


def test_damaged_pages_are_thrown_away(tmp_path: Path) -> None:
    file = filled(tmp_path, 3000)
    data = bytearray(file.read_bytes())
    data[4096:-4096] = b"\xaa" * (len(data) - 8192)
    file.write_bytes(data)
    with ContentCache(tmp_path, scanner_version()) as cache:
        assert cache.find([f"key{number}" for number in range(3000)]) == {}
        cache.keep({"key0": "[]"})
        assert cache.find(["key0"]) == {"key0": "[]"}


def test_a_folder_that_cannot_be_made_means_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with ContentCache(tmp_path / "file" / "scan", scanner_version()) as cache:
        cache.keep({"key": "[]"})
        assert cache.find(["key"]) == {}
    assert cache.trouble


def test_a_locked_file_means_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdev.adapters.content_cache._BUSY_SECONDS", 0.05)
    file = filled(tmp_path)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with ContentCache(tmp_path, scanner_version()) as cache:
        assert cache.find(["key0"]) == {}
    assert "locked" in cache.trouble
    holder.close()


def test_old_versions_are_removed_after_a_month(tmp_path: Path) -> None:
    old, recent = tmp_path / "facts-old.sqlite", tmp_path / "facts-recent.sqlite"
    for file in (old, recent):
        file.write_bytes(b"")
    month = time.time() - 31 * 24 * 3600
    os.utime(old, (month, month))
    current = filled(tmp_path)
    assert sorted(file.name for file in tmp_path.glob("*.sqlite")) == sorted([current.name, recent.name])


def test_the_version_is_of_the_scanners_code() -> None:
    assert len(scanner_version()) == 12 and scanner_version() == scanner_version()


def test_two_processes_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tdev.adapters.content_cache import ContentCache, scanner_version\n"
        "for turn in range(40):\n"
        "    with ContentCache(Path(sys.argv[1]), scanner_version()) as cache:\n"
        "        cache.keep({f'{sys.argv[2]}-{turn}-{n}': '[]' for n in range(20)})\n"
        "        assert len(cache.find(f'{sys.argv[2]}-{turn}-{n}' for n in range(20))) == 20\n"
        "        assert not cache.trouble, cache.trouble\n"
    )
    words = (sys.executable, "-c", program, str(tmp_path))
    both = [subprocess.Popen((*words, name), stderr=subprocess.PIPE) for name in ("a", "b")]
    for process in both:
        _, trouble = process.communicate(timeout=60)
        assert process.returncode == 0, trouble.decode()
    with ContentCache(tmp_path, scanner_version()) as cache:
        assert len(cache.find(f"{name}-{turn}-{n}" for name in "ab" for turn in range(40) for n in range(20))) == 1600
