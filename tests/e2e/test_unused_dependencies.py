"""Dependencies that nothing imports, found by the real deptry; wheels come from an index on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import git
from support.package_index import PackageIndex, package_index
from tdev.adapters import run_dir
from tdev.adapters.git import Git
from tdev.core.artifacts import Goal
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.artifacts.patch import Patch
from tdev.core.run import new_run_id, new_trace_id, utc_now
from tdev.evidence.quality.unused_dependencies import unused_dependencies
from tdev.evidence.subject import AFTER, BEFORE, Change, Commit
from tdev.policy.model import Gates, Policy
from tdev.policy.quality_gate import Mode, QualityGate
from tdev.settings import Settings
from tdev.tools import deptry
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e
Look = Callable[..., ToolReport]
NOTHING = '"""Nothing."""\n'


def project(*requirements: str, more: str = "") -> dict[str, str]:
    """A pyproject.toml whose first requirement stands in line 5."""
    listed = "".join(f'  "{each}",\n' for each in requirements)
    return {"pyproject.toml": f'[project]\nname = "x"\nversion = "1"\ndependencies = [\n{listed}]\n{more}'}


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    with package_index() as running:
        yield running


@pytest.fixture
def look(
    settings: Settings,
    make_repository: Callable[[Mapping[str, str | bytes]], Path],
    index: PackageIndex,
    tmp_path: Path,
) -> Look:
    """A function that looks at the change from some files to others."""

    def run(
        before: Mapping[str, str], after: Mapping[str, str], url: str = "", mode: Mode = Mode.RATCHET
    ) -> ToolReport:
        folder = make_repository(before)
        base = git(folder, "rev-parse", "HEAD")
        git(folder, "clone", "--quiet", ".", tmp_path / "before")
        for path, text in after.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "-m", "change")
        own = {
            "UV_DEFAULT_INDEX": url or index.url,
            "UV_HTTP_TIMEOUT": "5",
            "UV_HTTP_RETRIES": "0",
            "UV_CACHE_DIR": str(tmp_path / "uv"),
        }
        here = replace(settings, installer_environment=own)
        return unused_dependencies(change_of(here, tmp_path / "before", folder, base, mode))

    return run


def change_of(settings: Settings, before: Path, after: Path, base: str, mode: Mode) -> Change:
    """Base and head as the gates see them."""
    goal = Goal(
        run_id=new_run_id(),
        goal_id="g-1",
        trace_id=new_trace_id(),
        kind=GoalKind.EVOLVE,
        text="change",
        title="change",
        slug="change",
        repository=Repository(path=str(after), name="it", base_sha=base),
        engine="recipes",
        engine_reason="asked for",
        created_at=utc_now(),
    )
    run = run_dir.create(settings, goal, Policy(gates=Gates(quality=QualityGate(mode=mode))))
    head = git(after, "rev-parse", "HEAD")
    files = Git(after, settings.child_environment).changed_files(base, head)
    patch = Patch(base_sha=base, head_sha=head, files=files, engine="recipes")
    return Change(run, patch, Commit(run, BEFORE, base, before), Commit(run, AFTER, head, after), {})


def told(report: ToolReport) -> dict[str, str]:
    """Level by package."""
    assert report.ok, report.reason
    return {finding.symbol: finding.severity.value for finding in report.findings}


def test_what_nothing_imports_is_told_at_its_line_and_what_others_may_use_is_a_note(
    look: Look, index: PackageIndex
) -> None:
    index.add("plain", "1.0", contents={"plain/__init__.py": ""})
    index.add("imported", "1.0")
    index.add("other-name", "1.0", contents={"quite/other.py": "", "tests/__init__.py": ""})
    index.add("plugin", "1.0", contents={"plugin.py": "", "entry_points.txt": "[pytest11]\nplugin = plugin\n"})
    index.add("program", "1.0", contents={"program.py": "", "entry_points.txt": "[console_scripts]\np = program:m\n"})
    index.add("inner", "1.0", contents={"inner.py": ""})
    index.add("outer", "1.0", "Requires-Dist: inner", contents={"outer.py": ""})
    index.add("asyncpg", "1.0", contents={"asyncpg/__init__.py": ""})
    index.add("pyyaml", "1.0", contents={"yaml.py": ""})
    names = ("plain>=1", "imported", "Other_Name", "plugin", "program", "inner", "outer", "asyncpg", "PyYAML")
    used = "import imported, outer\nimport tests.help\nfrom quite import other\n\ndef f():\n    import yaml\n"
    report = look(project() | {"a.py": NOTHING}, project(*names) | {"a.py": used})
    assert told(report) == {
        "plain": "warning",
        "plugin": "note",
        "program": "note",
        "inner": "note",
        "asyncpg": "note",
    }
    assert report.examined == len(names)
    plain = report.findings[0]
    assert (plain.path, plain.line, plain.rule) == ("pyproject.toml", 5, "unused-dependency")


def test_without_a_wheel_it_can_not_be_told_and_is_a_note(look: Look, index: PackageIndex) -> None:
    index.add("unbuilt", "1.0", source_only=True)
    report = look(project(), project("unbuilt", "far @ https://example.org/far.zip"))
    assert told(report) == {"unbuilt": "note", "far": "note"}


def test_what_is_spoken_of_counts_as_used(look: Look, index: PackageIndex) -> None:
    for name, module in (("django-cors", "corshead"), ("driver", "driver"), ("served", "served"), ("prose", "prose")):
        index.add(name, "1.0", contents={f"{module}/__init__.py": ""})
    files = {
        "a.py": '"""About prose and more prose."""\nAPPS = ["corshead.middleware.Cors"]\nURL = "sql+driver://here"\n',
        "Dockerfile": "FROM x\nCMD served --port 1\n",
        "README.md": "Uses prose.\n",
    }
    report = look(project(), project("django-cors", "driver", "served", "prose") | files)
    assert told(report) == {"prose": "warning"}


def test_the_last_import_that_goes_leaves_it_unused_and_older_sins_are_let_be(look: Look, index: PackageIndex) -> None:
    for name in ("left", "always"):
        index.add(name, "1.0", contents={f"{name}.py": ""})
    asked = project("left", "always")
    report = look(asked | {"a.py": "import left\n", "tests/t.py": NOTHING}, {"a.py": NOTHING})
    assert told(report) == {"left": "warning"}
    assert report.findings[0].line == 5


def test_in_absolute_mode_all_count(look: Look, index: PackageIndex) -> None:
    index.add("always", "1.0", contents={"always.py": ""})
    report = look(project("always") | {"a.py": NOTHING}, {"a.py": "import os\n"}, mode=Mode.ABSOLUTE)
    assert told(report) == {"always": "warning"}


def test_what_need_not_be_imported_is_not_asked_about(look: Look, index: PackageIndex) -> None:
    more = (
        '[project.optional-dependencies]\nfast = ["ujson"]\n[dependency-groups]\ndev = ["pytest"]\n'
        '[build-system]\nrequires = ["hatchling"]\n'
    )
    files = {"docs/requirements.txt": "sphinx\n", "tests/data/requirements.txt": "flask\n", "lib/a.py": "import yaml\n"}
    report = look(project(), project("types-requests", "x[fast]", "PyYAML", more=more) | files)
    assert told(report) == {} and report.examined == 3
    assert index.asked == []


def test_requirements_of_every_folder_count_and_so_do_imports_of_all(look: Look, index: PackageIndex) -> None:
    index.add("plain", "1.0", contents={"plain.py": ""})
    files = {"services/a/requirements.txt": "plain\nshared\n", "services/b/b.py": "import shared\n"}
    report = look({"a.py": NOTHING}, files)
    assert told(report) == {"plain": "warning"}
    assert report.findings[0].path == "services/a/requirements.txt"


def test_settings_of_the_base_hold_and_those_of_the_change_do_not(look: Look, index: PackageIndex) -> None:
    index.add("plain", "1.0", contents={"plain.py": ""})
    quiet = '[tool.deptry]\nignore = ["DEP002"]\n[tool.deptry.per_rule_ignores]\nDEP002 = ["plain"]\n'
    assert told(look(project(), project("plain", more=quiet))) == {"plain": "warning"}


def test_a_package_that_the_base_leaves_alone_is_let_be(look: Look, index: PackageIndex) -> None:
    alone = '[tool.deptry.per_rule_ignores]\nDEP002 = ["served"]\n'
    assert told(look(project(more=alone), project("Served", more=alone))) == {}
    assert index.asked == []


def test_an_index_that_can_not_be_reached_is_no_evidence(look: Look) -> None:
    report = look(project(), project("plain"), url="http://127.0.0.1:9/simple")
    assert not report.ok and "plain" in report.reason


def test_a_file_that_can_not_be_read_any_more_is_no_evidence(look: Look) -> None:
    report = look(project(), {"pyproject.toml": "[project\n"})
    assert not report.ok and "can't be read" in report.reason


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (project("plain"), {"README.md": "more\n"}, "neither"),
        ({"a.py": NOTHING}, {"a.py": "import os\n"}, "there is no pyproject.toml"),
        (project(), {"a.py": NOTHING}, "no package has to be installed"),
        (project(more='[tool.deptry]\nignore = ["DEP002"]\n'), project("plain"), "settings of deptry"),
    ],
)
def test_where_there_is_nothing_to_look_at_it_says_why(
    look: Look, before: dict[str, str], after: dict[str, str], reason: str
) -> None:
    report = look(before, after)
    assert report.ok and not report.examined and reason in report.reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ('{"files": 0, "modules": [], "folders": [{"folder": ".", "examined": 1}]}', "could read no Python file"),
        ('{"files": 1, "modules": [], "folders": []}', "does not speak of every folder"),
        ('{"files": 1, "modules": []}', "can't be read"),
        ("", "can't be read"),
    ],
)
def test_an_answer_about_less_than_was_asked_is_no_evidence(
    settings: Settings, tmp_path: Path, answer: str, reason: str
) -> None:
    false, tree = replace(settings, home=tmp_path / "false"), tmp_path / "tree"
    tree.mkdir()
    place = Toolbox(false).environment(deptry.NAME)
    (place / "bin").mkdir(parents=True)
    for file in (".tdev-ready", "pyvenv.cfg", "bin/deptry"):
        (place / file).touch()
    (place / "bin" / "python").write_text(f"#!/bin/sh\necho '{answer}'\n")
    (place / "bin" / "python").chmod(0o755)
    said = deptry.imports(false, tree, ["a.py"], ["."], {}, 10)
    assert reason in said.reason


def test_files_that_python_can_not_parse_are_not_counted_as_read(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text("def (\n")
    assert "no Python file" in deptry.imports(settings, tmp_path / "tree", ["a.py"], ["."], {}, 60).reason
