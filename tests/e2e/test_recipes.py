"""The recipes with their real programs, on small real repositories."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.osv_api import osv_api
from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.core.generated_tests import GHOSTWRITTEN
from tdev.engines.engine import Job
from tdev.engines.recipes.engine import RecipesEngine
from tdev.errors import Refused, TransientError
from tdev.policy.model import Policy, Scope
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

OLD = '# -*- coding: utf-8 -*-\nclass A(object):\n    def f(self, x):\n        return u"{}".format(x)\n'
NEW = 'class A:\n    def f(self, x):\n        return f"{x}"\n'

MakeJob = Callable[..., Job]


@pytest.fixture
def make_job(make_repository: Callable[[Mapping[str, str | bytes]], Path], settings: Settings) -> MakeJob:
    """A function that makes a repository of some files and a job on it."""

    def make(files: Mapping[str, str | bytes], recipe: str, project: str = ".", **changes: object) -> Job:
        folder = make_repository(files)
        goal = Goal(
            run_id="r",
            goal_id="g",
            trace_id="0" * 32,
            kind=GoalKind.EVOLVE,
            text=recipe,
            title=recipe,
            slug=recipe,
            repository=Repository(path=str(folder), name=folder.name, base_sha="0" * 40),
            engine="recipes",
            engine_reason="asked for",
            created_at="2026-01-01T00:00:00Z",
        )
        job = Job(
            goal=goal,
            task=Task(id="T1", title=recipe, recipe=recipe, estimate_hours=1, risk=1),
            policy=Policy(),
            settings=settings,
            checkout=folder,
            project=folder / project,
            python=Path(sys.executable),
            run_folder=folder.parent,
            transcript=folder.parent / "transcript.jsonl",
            attempt=1,
            feedback=(),
            session="",
            usd_left=1.0,
            seconds_left=600.0,
            progress=lambda line: None,
        )
        return replace(job, **changes)

    return make


def about(job: Job, *paths: str) -> Job:
    """The same job, about these paths only."""
    return replace(job, task=job.task.model_copy(update={"paths": paths}))


def perform(job: Job):
    return RecipesEngine().perform(job)


def changed(job: Job) -> set[str]:
    out = subprocess.run(
        ("git", "status", "--porcelain", "-z", "--untracked-files=all"),
        cwd=job.checkout,
        capture_output=True,
        check=True,
    ).stdout
    return {row[3:].decode("utf-8", "surrogateescape") for row in out.split(b"\0") if row}


def assert_done(job: Job) -> None:
    """A second run finds nothing to do and changes nothing more."""
    files = {path: (job.checkout / path).read_bytes() for path in changed(job)}
    assert perform(job).nothing_to_do
    assert files == {path: (job.checkout / path).read_bytes() for path in changed(job)}


def test_a_task_without_recipe_needs_a_model(make_job: MakeJob) -> None:
    for recipe in ("", "sorcery"):
        with pytest.raises(Refused, match="needs a model" if not recipe else "no recipe sorcery"):
            perform(
                make_job(
                    {"a.py": OLD}, recipe or "x", task=Task(id="T1", title="t", recipe=recipe, estimate_hours=1, risk=1)
                )
            )


def test_the_engine_names_its_programs(settings: Settings) -> None:
    engine = RecipesEngine()
    assert engine.name == "recipes"
    assert {word.split()[0] for word in engine.version(settings).split(", ")} == {"ruff", "autotyping", "pip-audit"}


class TestModernise:
    def test_old_syntax_is_replaced_once(self, make_job: MakeJob) -> None:
        job = make_job({"a.py": OLD, "pkg/b.py": OLD}, "modernise")
        work = perform(job)
        assert (job.project / "a.py").read_text() == NEW == (job.project / "pkg/b.py").read_text()
        assert "6 fixes in 2 files" in work.summary or "8 fixes in 2 files" in work.summary
        assert "UP004 x2" in work.summary
        assert_done(job)

    def test_only_what_the_project_s_python_allows(self, make_job: MakeJob) -> None:
        source = "from typing import List, Optional\n\n\ndef f(a: List[int]) -> Optional[int]:\n    return a[0]\n"
        for asked, wanted in ((">=3.8", "List[int]) -> Optional"), (">=3.10", "list[int]) -> int | None")):
            job = make_job({"a.py": source, "pyproject.toml": f'[project]\nrequires-python = "{asked}"\n'}, "modernise")
            perform(job)
            assert wanted in (job.project / "a.py").read_text()

    def test_line_ends_and_encodings_stay(self, make_job: MakeJob) -> None:
        windows = 'class A(object):\r\n    x = "é"\r\n'
        latin = '# -*- coding: latin-1 -*-\nclass A(object):\n    x = "é"\n'.encode("latin-1")
        job = make_job(
            {"w.py": windows.encode(), "bom.py": b"\xef\xbb\xbfclass A(object):\n    x = 1\n", "l.py": latin},
            "modernise",
        )
        work = perform(job)
        assert (job.project / "w.py").read_bytes() == windows.replace("(object)", "").encode()
        assert (job.project / "bom.py").read_bytes() == b"\xef\xbb\xbfclass A:\n    x = 1\n"
        assert (job.project / "l.py").read_bytes() == latin
        assert "l.py is not UTF-8" in work.summary

    def test_files_that_are_not_the_projects_own_work_are_left(self, make_job: MakeJob, tmp_path: Path) -> None:
        outside = tmp_path / "outside.py"
        outside.write_text(OLD)
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "b.py").write_text(OLD)
        left = ["vendor/a.py", "tests/data/a.py", "tests/fixtures/a.py", "generated.py", ".github/a.py", "syntax.py"]
        files = dict.fromkeys(left, OLD) | {"generated.py": f"# Generated by make\n{OLD}", "syntax.py": "print 'x'\n"}
        job = make_job(files, "modernise")
        (job.project / "link.py").symlink_to(outside)
        (job.project / "linked").symlink_to(tmp_path / "folder")
        work = perform(job)
        assert changed(job) == {"link.py", "linked"}
        assert outside.read_text() == OLD == (tmp_path / "folder" / "b.py").read_text()
        assert "does not parse" in work.nothing_to_do

    def test_only_the_task_s_paths_inside_the_project(self, make_job: MakeJob) -> None:
        files = {"one/a.py": OLD, "one/sub/b.py": OLD, "one/sub/c.py": OLD, "two/a.py": OLD}
        perform(job := about(make_job(files, "modernise", project="one"), "one/sub/b.py", "two/a.py"))
        assert changed(job) == {"one/sub/b.py"}

    def test_the_write_scope_is_kept(self, make_job: MakeJob) -> None:
        policy = Policy(scope=Scope(write=("src/**",)))
        perform(job := make_job({"src/a.py": OLD, "b.py": OLD}, "modernise", policy=policy))
        assert changed(job) == {"src/a.py"}

    def test_repository_configuration_neither_runs_nor_rules(self, make_job: MakeJob) -> None:
        evil = (
            '[tool.ruff]\nextend = "/nonexistent.toml"\nexclude = ["*"]\nrequired-version = "0.0.1"\n'
            '[tool.ruff.lint]\nignore = ["ALL"]\n'
        )
        trap = "raise SystemExit('ran repository code')\n"
        files = {
            "a.py": OLD, "pyproject.toml": evil, "ruff.toml": "nonsense", ".ruff.toml": "nonsense",
            "sitecustomize.py": trap, "libcst/__init__.py": trap, "autotyping.py": trap, "setup.py": trap,
        }  # fmt: skip
        perform(job := make_job(files, "modernise"))
        assert changed(job) == {"a.py"}
        perform(replace(job, task=job.task.model_copy(update={"recipe": "types"})))
        assert (job.project / "sitecustomize.py").read_text() == trap

    def test_names_that_look_like_options_or_are_odd(self, make_job: MakeJob) -> None:
        files = {"--fix.py": OLD, "a b\n.py": OLD, "ü.py": OLD}
        perform(job := make_job(files, "modernise"))
        assert changed(job) == set(files)
        assert (job.project / "--fix.py").read_text() == NEW

    def test_a_failed_attempt_narrows_the_next(self, make_job: MakeJob) -> None:
        source = "class A(object):\n    def f(self):\n        return range(0, 3)\n"
        safest, all_rules = source.replace("(object)", ""), source.replace("(object)", "").replace("0, ", "")
        files = {"good.py": source, "bad.py": source, "test_bad.py": "import bad\n"}
        feedback = ("1 tests that passed before do not pass now:\n- test_bad.py::test_it: assert False",)
        second = make_job(files, "modernise", attempt=2, feedback=feedback)
        perform(second)
        assert (second.project / "good.py").read_text() == all_rules
        assert (second.project / "bad.py").read_text() == safest
        third = make_job(files, "modernise", attempt=3, feedback=feedback)
        perform(third)
        assert changed(third) == {"good.py"}
        assert (third.project / "good.py").read_text() == safest

    def test_nothing_left_to_try_is_no_success(self, make_job: MakeJob) -> None:
        feedback = ("bad.py:3: TypeError",)
        with pytest.raises(Refused, match="breaks a test"):
            perform(make_job({"bad.py": OLD}, "modernise", attempt=3, feedback=feedback))


class TestImports:
    def test_sorted_and_unused_ones_removed(self, make_job: MakeJob) -> None:
        job = make_job({"a.py": "import sys\nimport os\n\nimport json\nprint(os, sys)\n"}, "imports")
        work = perform(job)
        assert (job.project / "a.py").read_text() == "import os\nimport sys\n\nprint(os, sys)\n"
        assert "F401 x1" in work.summary
        assert_done(job)

    def test_what_others_import_from_here_is_kept(self, make_job: MakeJob) -> None:
        kept = {
            "pkg/__init__.py": "from pkg.b import x\n",
            "pkg/compat.py": "import json\n",
            "pkg/b.py": "import json\n\nx = 1\n",
            "pkg/c.py": "from pkg.b import json\n\nprint(json)\n",
            "tests/conftest.py": "from pkg.fix import database\n",
            "tests/test_a.py": "from pkg.fix import database\n\n\ndef test_it(database):\n    assert 1\n",
        }
        work = perform(job := make_job(kept, "imports"))
        assert changed(job) == set()
        assert work.nothing_to_do

    def test_first_party_hints_are_read_as_data(self, make_job: MakeJob) -> None:
        source = "import aaa\nimport zzz\n\nprint(aaa, zzz)\n"
        job = make_job({"a.py": source, "setup.cfg": "[isort]\nknown_first_party = aaa\n"}, "imports")
        perform(job)
        assert (job.project / "a.py").read_text() == "import zzz\n\nimport aaa\n\nprint(aaa, zzz)\n"


class TestTypes:
    def test_certain_annotations_are_added_once(self, make_job: MakeJob) -> None:
        source = (
            "class A:\n    def __init__(self, x):\n        self.x = x\n\n    def stub(self):\n        pass\n\n\n"
            "def f(x):\n    return x in ()\n"
        )
        job = make_job({"a.py": source, "tests/test_a.py": "def test_it():\n    pass\n"}, "types")
        work = perform(job)
        text = (job.project / "a.py").read_text()
        assert "def __init__(self, x) -> None:" in text
        assert "def f(x) -> bool:" in text
        assert "def stub(self):" in text
        assert changed(job) == {"a.py"}
        assert "1 guess" in work.summary
        compile(text, "a.py", "exec")
        assert_done(job)

    def test_line_ends_stay(self, make_job: MakeJob) -> None:
        job = make_job({"a.py": b"def f(x):\r\n    print(x)\r\n"}, "types")
        perform(job)
        assert (job.project / "a.py").read_bytes() == b"def f(x) -> None:\r\n    print(x)\r\n"


TEXT = '''"""Text."""


def encode_name(name: str) -> str:
    return name.encode("utf-8", "surrogatepass").hex()


def decode_name(code: str) -> str:
    return bytes.fromhex(code).decode("utf-8", "surrogatepass")


def clamp(value: int, low: int = 0, high: int = 10) -> int:
    if low > high:
        raise ValueError("low > high")
    if value < low:
        return low
    return min(value, high)


def forever(n: int) -> int:
    while n > 3:
        n = n + 1
    return n


def liar(n: int) -> str:
    return n


def remove(path: str) -> None:
    import os

    os.remove(path)
'''


class TestTests:
    def test_drafts_that_pass_and_run_new_lines_are_kept(self, make_job: MakeJob) -> None:
        job = make_job({"pkg/__init__.py": "", "pkg/text.py": TEXT}, "tests")
        work = perform(job)
        (name,) = changed(job)
        assert name == "tests/test_pkg_text_properties.py"
        source = (job.project / name).read_text()
        tests = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        assert {"test_roundtrip_encode_name_decode_name", "test_fuzz_clamp"} == {test.name for test in tests}
        assert all(ast.get_docstring(test) for test in tests)
        assert "except ValueError" in source and GHOSTWRITTEN in source
        assert 'importorskip("hypothesis")' in source and "noqa" not in source
        assert "pkg.text.liar" in work.summary
        done = subprocess.run(
            (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", name),
            cwd=job.project,
            env={**os.environ, "PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )
        assert "2 passed" in done.stdout
        assert_done(job)

    def test_drafts_that_add_nothing_are_removed(self, make_job: MakeJob) -> None:
        files = {
            "text.py": "def twice(n: int) -> int:\n    return 2 * n\n",
            "test_text.py": "import text\n\n\ndef test_it():\n    assert text.twice(2) == 4\n",
        }
        work = perform(job := make_job(files, "tests"))
        assert changed(job) == set()
        assert "runs a line" in work.nothing_to_do

    def test_functions_with_side_effects_are_not_called(self, make_job: MakeJob) -> None:
        source = (
            "from pathlib import Path\n\n\n"
            "def leave(name: str) -> str:\n    Path('left-behind').touch()\n    return name\n"
        )
        work = perform(job := make_job({"a.py": source}, "tests"))
        assert changed(job) == set()
        assert work.nothing_to_do

    def test_a_test_run_that_does_not_work_is_no_evidence(self, make_job: MakeJob) -> None:
        with pytest.raises(TransientError, match=r"could not be (measured|run)|ghostwriter"):
            perform(make_job({"text.py": TEXT}, "tests", python=Path("/bin/false")))


class TestDependencies:
    def test_pins_are_raised_to_the_lowest_clean_version(self, make_job: MakeJob) -> None:
        text = "# web\nrequests==2.19.0  # http\nPyYAML==5.3 ; python_version > '3'\nattrs==23.1.0\n"
        with osv_api() as api:
            job = make_job({"requirements.txt": text}, "dependencies")
            job = replace(job, settings=replace(job.settings, osv_url=api.url))
            work = perform(job)
            expected = text.replace("2.19.0", "2.20.0").replace("5.3", "5.4")
            assert (job.project / "requirements.txt").read_text() == expected
            assert "pyyaml 5.3 -> 5.4" in work.summary
            assert "CVE-2018-18074" in work.summary
            assert_done(job)

    def test_a_line_with_hashes_is_refused(self, make_job: MakeJob) -> None:
        text = "requests==2.19.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"
        with osv_api() as api:
            job = make_job({"requirements.txt": text}, "dependencies")
            with pytest.raises(Refused) as refusal:
                perform(replace(job, settings=replace(job.settings, osv_url=api.url)))
        assert "hashes" in str(refusal.value)
        assert changed(job) == set()

    def test_a_service_that_can_not_be_reached_is_never_nothing_to_do(self, make_job: MakeJob) -> None:
        job = make_job({"requirements.txt": "requests==2.19.0\n"}, "dependencies")
        with pytest.raises(TransientError, match="could not be looked up"):
            perform(replace(job, settings=replace(job.settings, osv_url="http://127.0.0.1:9")))

    def test_a_package_named_by_failing_tests_is_left(self, make_job: MakeJob) -> None:
        feedback = ("1 tests fail:\n- tests/test_a.py::test_it: requests.exceptions.InvalidURL",)
        with osv_api() as api:
            job = make_job(
                {"requirements.txt": "requests==2.19.0\npyyaml==5.3\n"}, "dependencies", attempt=2, feedback=feedback
            )
            perform(replace(job, settings=replace(job.settings, osv_url=api.url)))
        assert (job.project / "requirements.txt").read_text() == "requests==2.19.0\npyyaml==5.4\n"
