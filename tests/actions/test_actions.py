"""The actions: thin, with inputs through the environment, and real: their script runs tdev and hands its result on."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tdev.settings import Settings

ROOT = Path(__file__).parents[2]
ACTIONS = sorted([ROOT / "action.yml", *(ROOT / "actions").glob("*/action.yml")])
COMPOSITE = [file for file in ACTIONS if file.parent.name != "token"]
STAGES = sorted({file.parent.name for file in COMPOSITE} - {ROOT.name, "setup", "confine"})
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TDEV = Path(sys.executable).with_name("tdev")


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def read(file: Path) -> dict[str, Any]:
    found = yaml.safe_load(file.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("file", COMPOSITE, ids=named)
def test_an_action_is_thin(file: Path) -> None:
    action = read(file)
    steps = action["runs"]["steps"]
    used = " ".join(str({key: step.get(key) for key in ("env", "if", "with")}) for step in steps)
    missing = [name for name in action.get("inputs", {}) if f"inputs.{name}" not in used]
    assert not missing or "toJSON(inputs)" in used
    for step in steps:
        if "run" in step:
            assert "${{" not in step["run"] and len(step["run"].splitlines()) == 1
            script = re.search(r'bash "\$ACTION_PATH/([\w./-]+)"', step["run"])
            assert (script and os.access(file.parent / script[1], os.X_OK)) or step["run"].startswith("tdev ")


@pytest.mark.parametrize("file", ACTIONS, ids=named)
def test_an_action_tells_what_it_takes_and_gives(file: Path) -> None:
    action = read(file)
    inputs, outputs = action.get("inputs", {}), action.get("outputs", {})
    assert len(inputs) <= 10 and set(action["branding"]) == {"icon", "color"}
    assert all(entry.get("description") and "default" in entry for entry in inputs.values())
    assert all(entry.get("description") for entry in outputs.values())
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in (*inputs, *outputs))


@pytest.mark.parametrize("name", STAGES)
def test_the_action_of_a_step_calls_one_command_whose_arguments_stay_whole(name: str) -> None:
    [step] = read(ROOT / "actions" / name / "action.yml")["runs"]["steps"]
    words = shlex.split(step["run"])
    assert words[0] == "tdev" and set(step) == {"id", "shell", "env", "run"}
    assert all(re.fullmatch(r"\$[A-Z_]+|[a-z-]+", word) for word in words[1:])
    assert all(f'"{word}"' in step["run"] for word in words if word.startswith("$"))


def test_the_token_is_revoked_after_a_failure_too() -> None:
    runs = read(ROOT / "actions" / "token" / "action.yml")["runs"]
    assert runs["using"] == "node24" and set(runs) == {"using", "main", "post"}
    for script in (runs["main"], runs["post"], "tdev.js"):
        text = (ROOT / "actions" / "token" / script).read_text("utf-8")
        assert set(re.findall(r'require\("([^"]+)"\)', text)) <= {"./tdev.js", "node:child_process"}


@pytest.mark.parametrize("file", [*ACTIONS, *WORKFLOWS], ids=named)
def test_what_others_made_is_pinned_by_commit(file: Path) -> None:
    lines = re.findall(r"^\s*(?:- )?uses:\s*(.+)$", file.read_text("utf-8"), re.MULTILINE)
    others = [line for line in lines if not re.match(r"t-developer/tdev/[\w./-]+@v1$", line)]
    assert [line for line in others if not re.search(r"@[0-9a-f]{40} # v\d+(\.\d+)+$", line)] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_asks_for_few_rights_and_puts_no_expression_into_a_script(file: Path) -> None:
    workflow = read(file)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert "uses" in job or job["timeout-minutes"] <= 120
        assert all("${{" not in step.get("run", "") for step in job.get("steps", ()))


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


def setup_environment(folder: Path) -> dict[str, str]:
    """What actions/setup gets from a job whose state and outputs are in the folder."""
    kept = ("PATH", "HOME", "LANG", "SSL_", "UV_", "PIP_", "HTTP", "http", "NO_PROXY", "no_proxy")
    return {
        **{name: value for name, value in os.environ.items() if name.startswith(kept)},
        "TDEV_HOME": str(folder / "home"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_PATH": str(folder / "path"),
        "INPUT_TOOLS": "false",
    }


@pytest.mark.e2e
def test_setup_installs_tdev_once_and_finds_it_again(tmp_path: Path) -> None:
    environment = setup_environment(tmp_path)

    def call(*words: str) -> dict[str, str]:
        (tmp_path / "output").write_text("")
        script = ROOT / "actions" / "setup" / "install.sh"
        subprocess.run(("bash", script, *words), env=environment, check=True, capture_output=True, text=True)
        return dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())

    key, first = call("key"), call()
    environment_of = Path(first["tdev"]).parents[1]
    ready = environment_of / ".ready"
    before = ready.stat().st_mtime_ns
    assert call("key") == key and call() == first and ready.stat().st_mtime_ns == before
    assert first["fetched"] == "false" and key["key"] == f"tdev-setup-{environment_of.name}"
    assert key["wheels"] == str(tmp_path / "home" / "wheels" / environment_of.name)
    assert not Path(key["wheels"]).exists() and not (tmp_path / "home" / "tools").exists()
    shown = subprocess.run((first["tdev"], "--version"), check=True, capture_output=True, text=True).stdout
    assert shown.strip() == f"tdev {first['version']}"
    assert str(Path(first["tdev"]).parent) in (tmp_path / "path").read_text().splitlines()


@pytest.mark.e2e
def test_setup_takes_nothing_from_a_cache_that_is_not_locked(tmp_path: Path) -> None:
    """A wheel of the right name with another content: everything is fetched anew, and the cache's folder is gone."""
    environment = {**setup_environment(tmp_path), "UV_CACHE_DIR": str(tmp_path / "uv")}
    script = ROOT / "actions" / "setup" / "install.sh"
    subprocess.run(("bash", script, "key"), env=environment, check=True)
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    wheels = Path(outputs["wheels"])
    wheels.mkdir(parents=True)
    [version] = re.findall(r"(?m)^gidgethub==(\S+)", (ROOT / "requirements.lock").read_text())
    with zipfile.ZipFile(wheels / f"gidgethub-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("gidgethub/__init__.py", "raise SystemExit('not the locked one')")
        wheel.writestr(f"gidgethub-{version}.dist-info/METADATA", f"Name: gidgethub\nVersion: {version}\n")
        wheel.writestr(f"gidgethub-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"gidgethub-{version}.dist-info/RECORD", "")
    done = subprocess.run(("bash", script), env=environment, capture_output=True, text=True, check=True)
    assert "::warning::The cache lacks a package or holds one that is not the locked one" in done.stdout
    assert not wheels.exists()
    python = tmp_path / "home" / "setup" / wheels.name / "bin" / "python"
    assert subprocess.run((python, "-c", "import gidgethub"), check=False).returncode == 0
