"""`make lint`: every check of our own code and documents, each timed, all of them run before the verdict.

A check that could not be made counts as failed: an empty report is no evidence.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
SOURCE = ROOT / "bot"
LEAST_DOCUMENTED = 80.0
LEAST_MAINTAINABLE = 65.0
LONGEST_FILE = 400
_TABBED = {"Makefile", ".gitmodules", "go.mod"}
_FREE_FORM = (".jinja", ".lock", ".diff", ".patch", ".svg")


class Check(NamedTuple):
    """One row of the table below."""

    name: str
    find: Callable[[], list[str]]
    """What is wrong, one line each; empty = fine."""


def program(*words: str) -> Callable[[], list[str]]:
    """A check that is a program: wrong when it does not end with 0, and then its words say why."""

    def find() -> list[str]:
        done = called(str(BIN / words[0]), *words[1:])
        return [] if done.returncode == 0 else [*f"{done.stdout}{done.stderr}".splitlines(), f"exit {done.returncode}"]

    return find


def called(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a program in the checkout."""
    environment = {**os.environ, "NO_COLOR": "1", "PATH": f"{BIN}:{os.environ['PATH']}"}
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def docstrings() -> list[str]:
    """Documented share of our own code, by interrogate's own default rules."""
    done = called(
        str(BIN / "tdev"), "tools", "run", "interrogate", "--", "-v", f"--fail-under={LEAST_DOCUMENTED}", "bot"
    )
    total = re.search(r"\|\s*TOTAL\s*\|\s*(\d+)\s*\|.*?([\d.]+)%\s*\|", done.stdout)
    if total is None or int(total[1]) == 0:
        return [*done.stderr.splitlines()[-3:], "interrogate counted nothing"]
    print(f"    {total[2]} % of {total[1]} are documented; {LEAST_DOCUMENTED:g} are needed")
    low = done.returncode != 0 or float(total[2]) < LEAST_DOCUMENTED
    return [f"{total[2]} % are documented, {LEAST_DOCUMENTED:g} are needed"] if low else []


def maintainability() -> list[str]:
    """Mean maintainability index over our own files; each must have been measured."""
    done = called(str(BIN / "tdev"), "tools", "run", "radon", "--", "mi", "-j", "bot")
    try:
        facts = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [*done.stderr.splitlines()[-3:], "radon's answer is no JSON"]
    found = {path: entry["mi"] for path, entry in facts.items() if "mi" in entry}
    missing = {str(file.relative_to(ROOT)) for file in SOURCE.rglob("*.py")} - set(found)
    if missing or not found:
        return [f"radon did not measure {path}" for path in sorted(missing)] or ["radon measured nothing"]
    mean = sum(found.values()) / len(found)
    print(f"    mean of {len(found)} files {mean:.1f}; {LEAST_MAINTAINABLE:g} are needed")
    if mean >= LEAST_MAINTAINABLE:
        return []
    lowest = sorted(found, key=lambda path: found[path])[:10]
    return [f"mean {mean:.1f}, {LEAST_MAINTAINABLE:g} are needed; lowest:", *(f"{found[p]:5.1f} {p}" for p in lowest)]


def tracked(*patterns: str) -> list[Path]:
    """Files git knows or would add."""
    done = called("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns)
    return sorted({ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()})


def workflow_files() -> list[str]:
    """What actionlint finds in our workflow files; without Go it can't be built, which only CI minds."""
    files = [str(file.relative_to(ROOT)) for file in tracked(".github/workflows/*.yml")]
    done = called(str(BIN / "tdev"), "tools", "run", "actionlint", "--", "-verbose", "-format", "{{json .}}", *files)
    if "is built with Go" in done.stderr and not os.environ.get("CI"):
        print("    left out: there is no Go on this machine that builds actionlint")
        return []
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [*done.stderr.splitlines()[-3:], "actionlint's answer is no JSON"]
    unread = [
        file for file in files if not re.search(rf"(?m)^verbose: Found total .* for {re.escape(file)}$", done.stderr)
    ]
    wrong = [f"{each['filepath']}:{each['line']}: {each['message']}" for each in found or ()]
    return [*wrong, *(f"actionlint did not read {file}" for file in unread)] or ([] if files else ["no workflow file"])


def workflow_security() -> list[str]:
    """What zizmor finds in our workflow and action files; each must have been looked at."""
    files = tracked(".github/workflows/*.yml", "action.yml", "actions/*/action.yml", "tests/actions/*/action.yml")
    names = [str(file.relative_to(ROOT)) for file in files]
    options = ("--offline", "--persona", "pedantic", "--format", "json", "--no-progress")
    done = called(str(BIN / "tdev"), "tools", "run", "zizmor", "--", *options, *names)
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [*done.stderr.splitlines()[-3:], "zizmor's answer is no JSON"]
    wrong = []
    for each in found:
        place = each["locations"][0]
        path = place["symbolic"]["key"].get("Local", {}).get("verbatim_path", "?")
        row = place["concrete"]["location"]["start_point"]["row"] + 1
        wrong.append(f"{path}:{row}: {each['ident']}: {each['desc']}")
    completed = set(re.findall(r"completed (\S+)", done.stderr))
    return [*wrong, *(f"zizmor did not look at {name}" for name in names if name not in completed)]


def shell_scripts() -> list[str]:
    """Every shell script parses, and stops at its first error."""
    scripts = [
        file for file in tracked() if file.read_bytes()[:64].split(b"\n")[0] in (b"#!/usr/bin/env bash", b"#!/bin/bash")
    ]
    if not scripts:
        return ["no shell script was found"]
    wrong = []
    for script in scripts:
        done = called("bash", "-n", str(script))
        wrong += done.stderr.splitlines() if done.returncode else []
        if "set -euo pipefail" not in script.read_text("utf-8"):
            wrong.append(f"{script.relative_to(ROOT)}: no `set -euo pipefail`")
    return wrong


def text_form() -> list[str]:
    """What .editorconfig asks of every text file."""
    wrong = []
    for file in tracked():
        data = file.read_bytes()
        if b"\0" in data:
            continue
        wrong += [f"{file.relative_to(ROOT)}: {reason}" for reason in _form(file, data)]
    return wrong


def _form(file: Path, data: bytes) -> list[str]:
    """What is wrong with one text file."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"not UTF-8 at byte {error.start}"]
    wrong = ["CRLF line ends"] if "\r" in text else []
    if text and not text.endswith("\n"):
        wrong.append("no line end at its end")
    lines = text.split("\n")
    if not file.name.endswith(_FREE_FORM) and file.parent.name != "snapshots":
        wrong += [
            f"line {number}: white space at the end" for number, line in enumerate(lines, 1) if line != line.rstrip()
        ]
        if file.name not in _TABBED:
            wrong += [f"line {number}: tab" for number, line in enumerate(lines, 1) if line.startswith("\t")]
    if file.suffix == ".py" and len(lines) > LONGEST_FILE + 1:
        wrong.append(f"{len(lines) - 1} lines; {LONGEST_FILE} are the most")
    return wrong


CHECKS: tuple[Check, ...] = (
    Check("ruff check", program("ruff", "check", "--quiet", ".")),
    Check("ruff format", program("ruff", "format", "--check", "--quiet", ".")),
    Check("mypy --strict", program("mypy", "--no-error-summary")),
    Check("import layers", program("lint-imports")),
    Check("schemas are current", program("tdev", "schema", "--check")),
    Check("docs/commands.md is current", program("python", "docs/make_reference.py", "--check")),
    Check("docs/threat-model.md is current", program("python", "docs/make_threat_model.py", "--check")),
    Check("docstrings", docstrings),
    Check("maintainability", maintainability),
    Check("workflow files", workflow_files),
    Check("security of workflow files", workflow_security),
    Check("shell scripts", shell_scripts),
    Check("form of text files", text_form),
)


def main() -> int:
    """Make every check; 0 when nothing is wrong."""
    failed = []
    for check in CHECKS:
        started = time.monotonic()
        wrong = check.find()
        print(f"{'FAILED' if wrong else 'ok':6} {check.name} ({time.monotonic() - started:.1f} s)", flush=True)
        for line in wrong:
            print(f"    {line}")
        failed += [check.name] if wrong else []
    print(
        f"make lint: {len(failed)} of {len(CHECKS)} failed: {', '.join(failed)}" if failed else "make lint: all is well"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
