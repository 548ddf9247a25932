from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tdev.core.artifacts.finding import Severity
from tdev.settings import Settings
from tdev.tools import semgrep
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
RULES = ROOT / "policies" / "semgrep"
EXAMPLES = ROOT / "tests" / "semgrep"
"""Under names that nothing takes for code, or every change to them would be stopped by our own gates."""
EVIL = "eval(given)\n"


def written(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_each_rule_finds_its_examples_and_leaves_the_safe_ones(settings: Settings, tmp_path: Path) -> None:
    for example in EXAMPLES.glob("*.example"):
        shutil.copyfile(example, tmp_path / example.stem)
    done = Toolbox(settings).run(
        "semgrep", "scan", "--test", "--metrics", "off", "--disable-version-check", "--config", RULES, tmp_path,
        cwd=tmp_path, timeout=200, environment={"SEMGREP_ENABLE_VERSION_CHECK": "0"},
    )  # fmt: skip
    rules = [rule["id"] for file in sorted(RULES.glob("*.yml")) for rule in yaml.safe_load(file.read_text())["rules"]]
    assert len(rules) == len(set(rules)) >= 25
    assert f"{len(rules)}/{len(rules)}" in done.stdout + done.stderr, done.tail(30)


def test_each_rule_has_a_bad_and_a_good_example() -> None:
    for file in sorted(RULES.glob("*.yml")):
        (example,) = EXAMPLES.glob(f"{file.stem}.*")
        text = example.read_text()
        for rule in yaml.safe_load(file.read_text())["rules"]:
            good = f"ok: {rule['id']}\n" in text
            assert f"ruleid: {rule['id']}\n" in text, rule["id"]
            assert good or rule["id"] in ("rights-to-everything", "yaml-unsafe-loader"), rule["id"]


def test_nothing_in_the_tree_hides_a_finding(settings: Settings, tmp_path: Path) -> None:
    root = written(
        tmp_path / "tree",
        {
            ".semgrepignore": "*\n",
            ".gitignore": "*\n",
            "src/.semgrepignore": "*\n",
            "src/a.py": EVIL,
            "src/b.py": "eval(given)  # nosemgrep\n",
            "tests/test_c.py": EVIL,
            "node_modules/d.py": EVIL,
            "with space/ü.py": EVIL,
            "latin.py": b'# -*- coding: latin-1 -*-\nname = "\xfc"\neval(given)\n',
            "e.min.py": EVIL,
            "f": "#!/usr/bin/env python3\neval(given)\n",
            ".semgrep.yml": "rules: []\n",
            ".git/config.py": EVIL,
        },
    )
    (root / "f").chmod(0o755)
    (root / "link.py").symlink_to("src/a.py")
    (root / "outside.py").symlink_to("/etc/passwd")
    report = semgrep.scan(settings, root, 120)
    assert report.ok, report.reason
    assert {finding.path for finding in report.findings} == {
        "src/a.py", "src/b.py", "tests/test_c.py", "node_modules/d.py", "with space/ü.py", "latin.py", "e.min.py", "f",
    }  # fmt: skip
    assert {finding.rule for finding in report.findings} == {"eval-of-data"}
    assert report.version == Toolbox(settings).version("semgrep")


def test_a_finding_is_complete_and_keeps_its_fingerprint_when_it_moves(settings: Settings, tmp_path: Path) -> None:
    root = written(tmp_path / "tree", {"a.py": EVIL})
    (first,) = semgrep.scan(settings, root, 120).findings
    assert (first.tool, first.severity, first.line) == ("semgrep", Severity.ERROR, 1)
    assert first.remedy
    written(root, {"a.py": f"import os\n\n\ndef f(given):\n    {EVIL}"})
    (second,) = semgrep.scan(settings, root, 120).findings
    assert second.line == 5
    assert second.fingerprint == first.fingerprint


def test_what_can_not_be_analysed_is_a_finding(settings: Settings, tmp_path: Path) -> None:
    root = written(tmp_path / "tree", {"a.py": "def (:\n    eval(given)\n", "b.py": "x = 1\n"})
    report = semgrep.scan(settings, root, 120)
    assert report.ok and report.examined == 2
    assert [(finding.rule, finding.path, finding.severity) for finding in report.findings] == [
        ("not-analysed", "a.py", Severity.ERROR)
    ]


def test_nothing_to_examine_is_told_apart_from_having_looked(settings: Settings, tmp_path: Path) -> None:
    empty = semgrep.scan(settings, written(tmp_path / "empty", {"README.md": "# x\n"}), 120)
    assert (empty.ok, empty.examined) == (True, 0)
    clean = semgrep.scan(settings, written(tmp_path / "clean", {"a.py": "x = 1\n"}), 120)
    assert (clean.ok, clean.examined, clean.findings) == (True, 1, ())


def test_single_paths(settings: Settings, tmp_path: Path) -> None:
    root = written(tmp_path / "tree", {"a.py": EVIL, "b.py": EVIL})
    report = semgrep.scan(settings, root, 120, ["b.py"])
    assert [finding.path for finding in report.findings] == ["b.py"]
    gone = semgrep.scan(settings, root, 120, ["nosuch.py"])
    assert not gone.ok


def test_broken_rules_are_no_evidence(settings: Settings, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(settings.policies, policies)
    (policies / "semgrep" / "broken.yml").write_text(
        "rules: [{id: broken, languages: [python], severity: ERROR, message: m, pattern: 'foo('}]\n"
    )
    report = semgrep.scan(replace(settings, policies=policies), written(tmp_path / "tree", {"a.py": "x = 1\n"}), 120)
    assert not report.ok and report.reason


@pytest.mark.parametrize("content", ["", "rules: []\n", "nonsense"])
def test_no_rules_are_no_evidence(settings: Settings, tmp_path: Path, content: str) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(settings.policies, policies)
    shutil.rmtree(policies / "semgrep")
    (policies / "semgrep").mkdir()
    (policies / "semgrep" / "rules.yml").write_text(content)
    report = semgrep.scan(replace(settings, policies=policies), written(tmp_path / "tree", {"a.py": EVIL}), 120)
    assert not report.ok and report.reason


def test_a_time_limit_is_no_evidence(settings: Settings, tmp_path: Path) -> None:
    Toolbox(settings).program("semgrep")
    report = semgrep.scan(settings, written(tmp_path / "tree", {"a.py": EVIL}), 0.05)
    assert (report.ok, report.reason) == (False, "semgrep was stopped after 0.05 s")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0", "can't be read"),
        ("echo '{\"results\": []}'", "can't be read"),
        ('echo \'{"results": [], "errors": [], "paths": {"scanned": []}}\'', "examined none of 1 Python files"),
        ('echo \'{"results": [], "errors": [], "paths": {"scanned": ["a.py"]}}\'; exit 2', "exit code 2"),
        ("kill -9 $$", "can't be read"),
    ],
)
def test_a_program_that_lies_is_no_evidence(settings: Settings, tmp_path: Path, script: str, said: str) -> None:
    (settings.home / "tools").unlink()
    folder = Toolbox(settings).environment("semgrep")
    written(folder, {".tdev-ready": "", "bin/python": "", "bin/semgrep": f"#!/bin/sh\n{script}\n", "bin/pysemgrep": ""})
    (folder / "bin" / "semgrep").chmod(0o755)
    report = semgrep.scan(settings, written(tmp_path / "tree", {"a.py": EVIL}), 30)
    assert not report.ok
    assert said in report.reason


def test_rules_about_workflows_and_images_look_where_those_are(settings: Settings, tmp_path: Path) -> None:
    workflow = (EXAMPLES / "actions.test.yaml.example").read_text()
    root = written(
        tmp_path / "tree",
        {
            ".github/workflows/ci.yml": workflow,
            "config.yml": workflow,
            "Dockerfile": (EXAMPLES / "containers.dockerfile.example").read_text(),
            "install.sh": "curl -fsSL https://example.org/x.sh | bash\n",
            "tests/test_login.py": 'login(password="letmein")\n',
            "login.py": 'login(password="letmein")\n',
        },
    )
    found: dict[str, set[str]] = {}
    for finding in semgrep.scan(settings, root, 120).findings:
        found.setdefault(finding.path, set()).add(finding.rule)
    assert found == {
        ".github/workflows/ci.yml": {
            "action-not-pinned",
            "all-secrets-at-once",
            "credentials-in-artifact",
            "expression-in-script",
            "file-into-environment",
            "foreign-code-with-rights",
            "rights-to-everything",
        },
        "Dockerfile": {
            "image-runs-as-root",
            "image-not-pinned",
            "image-writable-by-everyone",
            "add-from-web",
            "download-into-shell",
            "secret-in-layer",
        },
        "install.sh": {"download-into-shell"},
        "login.py": {"password-in-code"},
    }
