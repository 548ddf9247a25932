"""docs/gates-security.md and docs/tools.md say what the rules and the pins say."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
LEVELS = {"ERROR": "error", "WARNING": "warning", "INFO": "note"}


def test_every_rule_has_its_row() -> None:
    page = (ROOT / "docs" / "gates-security.md").read_text("utf-8")
    for file in sorted((ROOT / "policies" / "semgrep").glob("*.yml")):
        for rule in yaml.safe_load(file.read_text("utf-8"))["rules"]:
            about = rule["metadata"]
            row = (
                f"| `{rule['id']}` | {LEVELS[rule['severity']]} | {' '.join(rule['message'].split())} "
                f"({about['cwe']}) | {about['remedy']} |"
            )
            assert row in page, row


def test_every_pinned_program_has_its_row() -> None:
    page = (ROOT / "docs" / "tools.md").read_text("utf-8")
    for name in tomllib.loads((ROOT / "policies" / "tools.toml").read_text("utf-8")):
        assert f"\n| {name} |" in page, name
