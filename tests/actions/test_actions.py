"""The actions: thin, with inputs through the environment, and real: their script runs tdev and hands its result on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from tdev.settings import Settings

ROOT = Path(__file__).parents[2]
ACTIONS = sorted([ROOT / "action.yml", *(ROOT / "actions").glob("*/action.yml")])
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TDEV = Path(sys.executable).with_name("tdev")


def read(file: Path) -> dict[str, object]:
    found = yaml.safe_load(file.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("file", ACTIONS, ids=lambda file: str(file.relative_to(ROOT)))
def test_an_action_is_thin(file: Path) -> None:
    action = read(file)
    inputs, steps = action.get("inputs", {}), action["runs"]["steps"]
    assert action["runs"]["using"] == "composite"
    assert len(inputs) <= 10
    assert all(entry.get("description") and "default" in entry for entry in inputs.values())
    handed = {value for step in steps for value in step.get("env", {}).values()}
    assert {f"${{{{ inputs.{name} }}}}" for name in inputs} <= handed
    for step in steps:
        assert "${{" not in step["run"] and len(step["run"].splitlines()) == 1
        script = re.search(r'bash "\$ACTION_PATH/([\w./-]+)"', step["run"])
        assert script and os.access(file.parent / script[1], os.X_OK)


@pytest.mark.parametrize("file", [*ACTIONS, *WORKFLOWS], ids=lambda file: str(file.relative_to(ROOT)))
def test_what_others_made_is_pinned_by_commit(file: Path) -> None:
    used = re.findall(r"^\s*(?:- )?uses:\s*(\S+)", file.read_text("utf-8"), re.MULTILINE)
    others = [name for name in used if not name.startswith(("./", "t-developer/tdev/"))]
    assert [name for name in others if not re.search(r"@[0-9a-f]{40}$", name)] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_asks_for_few_rights_and_puts_no_expression_into_a_script(file: Path) -> None:
    workflow = read(file)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 120
        assert all("${{" not in step.get("run", "") for step in job["steps"])


@pytest.mark.parametrize("folder", [file.parent for file in ACTIONS[1:]], ids=lambda folder: folder.name)
def test_the_page_of_an_action_names_all_inputs_and_outputs(folder: Path) -> None:
    action, page = read(folder / "action.yml"), (folder / "README.md").read_text("utf-8")
    names = {*action.get("inputs", {}), *action.get("outputs", {})}
    assert {name for name in names if f"| `{name}` |" not in page} == set()


def run_script(tmp_path: Path, settings: Settings, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Exit code, outputs and everything printed by actions/run.sh with these inputs."""
    defaults = {name: str(entry["default"]) for name, entry in read(ROOT / "action.yml")["inputs"].items()}
    given = {**defaults, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    output = tmp_path / "output"
    kept = ("PATH", "HOME", "LANG", "SSL_", "UV_", "PIP_", "HTTP", "http", "NO_PROXY", "no_proxy")
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(kept)},
        "TDEV": str(TDEV),
        "TDEV_HOME": str(settings.home),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        **{f"INPUT_{name.upper().replace('-', '_')}": value for name, value in given.items()},
    }
    done = subprocess.run(
        ("bash", ROOT / "actions" / "run.sh"), env=environment, capture_output=True, text=True, check=False
    )
    lines = output.read_text().splitlines() if output.is_file() else []
    return done.returncode, dict(line.split("=", 1) for line in lines), done.stdout + done.stderr


@pytest.mark.e2e
def test_the_front_door_makes_a_branch_and_says_which(
    tmp_path: Path, settings: Settings, make_repository: Callable[[Mapping[str, str]], Path]
) -> None:
    old = "from typing import List\n\n\ndef first(rows: List[int]) -> int:\n    return rows[0]\n"
    test = "from shop import first\n\n\ndef test_first() -> None:\n    assert first([1, 2]) == 1\n"
    project = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'
    repository = make_repository({"shop.py": old, "test_shop.py": test, "pyproject.toml": project})
    code, outputs, said = run_script(tmp_path, settings, repository=str(repository), goal="modernise", engine="recipes")
    assert code == 0, said
    assert outputs["branch"] == "tdev/auto/modernise" and outputs["outcome"] == "published"
    assert outputs["verdict"] in ("pass", "waived") and outputs["exit-code"] == "0"
    shown = subprocess.run(
        ("git", "show", f"{outputs['branch']}:shop.py"), cwd=repository, capture_output=True, text=True
    )
    assert "list[int]" in shown.stdout
    assert "## What was asked" in (tmp_path / "summary.md").read_text("utf-8")


@pytest.mark.e2e
def test_the_front_door_ends_with_the_exit_code_of_tdev(tmp_path: Path, settings: Settings) -> None:
    code, outputs, said = run_script(tmp_path, settings, repository=str(tmp_path), goal="--help me")
    assert code == 3 and outputs["exit-code"] == "3" and outputs["branch"] == ""
    assert "is not a git repository" in said


def test_the_front_door_refuses_other_commands(tmp_path: Path, settings: Settings) -> None:
    code, outputs, said = run_script(tmp_path, settings, command="run remove")
    assert code == 2 and outputs == {}
    assert "it must be build, evolve or gate" in said


@pytest.mark.parametrize("verdict", ["pass", {"name": "gates", "outcome": "pass"}])
def test_outputs_are_one_line_each(tmp_path: Path, verdict: object) -> None:
    (tmp_path / "result.json").write_text(json.dumps({"run_id": "r\nbranch=evil", "verdict": verdict, "branch": None}))
    command = (sys.executable, ROOT / "actions" / "outputs.py", tmp_path / "result.json", "4")
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "run-id=r branch=evil" in lines and "verdict=pass" in lines and "branch=" in lines and "exit-code=4" in lines
    assert len(lines) == 7
