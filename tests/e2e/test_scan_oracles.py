"""The scanner against others that look at the same files: ruff for complexity, tokenize for comments."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import sysconfig
import tokenize
from pathlib import Path

import pytest

from tdev.core.scan import scan_file
from tdev.core.scan.text import Undecodable, comments, decode

pytestmark = pytest.mark.e2e
LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(
    file for name in ("asyncio", "email", "json", "unittest", "xml") for file in (LIBRARY / name).rglob("*.py")
)


def test_complexity_is_what_ruff_counts() -> None:
    words = ("check", "--isolated", "--no-cache", "--select", "C901", "--config", "lint.mccabe.max-complexity=0")
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run((ruff, *words, "--ignore-noqa", "--output-format", "json", *FILES), capture_output=True)
    rows = [row for row in json.loads(done.stdout) if row["code"] == "C901"]
    facts = {str(file): scan_file(str(file), file.read_bytes()) for file in FILES}
    ours = {(path, one.line): one.complexity for path, seen in facts.items() for one in seen.functions}
    theirs = {
        (row["filename"], row["location"]["row"]): int(re.findall(r"\((\d+) >", row["message"])[0]) for row in rows
    }
    assert len(theirs) > 2000
    assert {key: ours.get(key) for key in theirs} == theirs


def test_comments_are_what_tokenize_sees() -> None:
    count = 0
    for file in FILES:
        try:
            text = decode(file.read_bytes())
        except Undecodable:
            continue
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        theirs = [token.string for token in tokens if token.type == tokenize.COMMENT]
        assert [comment for _, comment in comments(text)] == theirs, file
        count += len(theirs)
    assert count > 2000
