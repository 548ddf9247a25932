"""A real browser, headless: what a page looks like, and what stands in it once it is rendered."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

from support.machine import lacks

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 120


def needs_browser() -> Path:
    """The browser of this machine; the test is skipped where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        lacks("no Chromium on this machine: install the package chromium")
    return Path(found)


def screenshot(browser: Path, url: str, file: Path, profile: Path, *, width: int = 1200, height: int = 1500) -> None:
    """Write a picture of a page."""
    _run(browser, profile, f"--screenshot={file}", f"--window-size={width},{height}", "--hide-scrollbars", url)
    assert file.is_file(), "the browser made no picture"


def rendered(browser: Path, url: str, profile: Path) -> str:
    """The page's HTML after the browser has read it."""
    return _run(browser, profile, "--dump-dom", url)


def size_and_colours(file: Path) -> tuple[int, int, int]:
    """Width, height, and how many different values the picture's bytes have; a blank page has a handful."""
    data = file.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    pixels, place = b"", 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        if data[place + 4 : place + 8] == b"IDAT":
            pixels += data[place + 8 : place + 8 + length]
        place += 12 + length
    return width, height, len(set(zlib.decompress(pixels)))


def _run(browser: Path, profile: Path, *words: str) -> str:
    command = (
        str(browser), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", f"--user-data-dir={profile}", *words,
    )  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
