"""Checks of the quality gate on real repositories, with the real programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Evaluation, Verdict
from tdev.settings import Settings
from tdev.stages.judge_head import judge_head, open_judgement

pytestmark = pytest.mark.e2e

Files = Mapping[str, str | None]
Judge = Callable[[Files, Files], RunDir]
RUFF = '[tool.ruff.lint]\nselect = ["F", "B"]\n'
MYPY = "[mypy]\nstrict = True\n"
CALC = '"""Sums."""\n\n\ndef double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n'


def commit(repository: Path, change: Files) -> None:
    for name, content in change.items():
        file = repository / name
        if content is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "change")


@pytest.fixture
def judge(make_repository: Callable[..., Path], settings: Settings) -> Judge:
    """Ask the quality gate about a change of a repository."""

    def ask(base: Files, change: Files) -> RunDir:
        repository = make_repository({name: text for name, text in base.items() if text is not None})
        commit(repository, change)
        run = open_judgement(settings, repository)
        judge_head(run, ("quality",))
        return run

    return ask


def check(run: RunDir, name: str) -> Verdict:
    """One check of the quality gate."""
    (gate,) = run.read(Verdict).children
    return next(one for one in gate.children if one.name == name)


def rules(verdict: Verdict) -> list[tuple[str, str]]:
    return [(finding.rule, finding.path) for finding in verdict.findings]


def test_lint_blocks_what_the_change_adds_and_leaves_what_was_there(judge: Judge) -> None:
    old = {"pyproject.toml": RUFF, "a.py": "import os\n"}
    run = judge(old, {"a.py": "import os\nimport sys\n", "b.py": "x = 1\n"})
    assert rules(check(run, "lint")) == [("F401", "a.py")]
    assert [finding.line for finding in check(run, "lint").remarks] == [1]
    assert check(judge(old, {"b.py": "x = 1\n"}), "lint").outcome.value == "pass"
    renamed = judge(old, {"a.py": None, "c.py": "import os\n"})
    assert check(renamed, "lint").outcome.value == "pass"


def test_lint_holds_the_base_s_rules_against_a_change_that_drops_them(judge: Judge) -> None:
    for dropped in ({"pyproject.toml": ""}, {"pyproject.toml": None}, {"ruff.toml": "lint.select = []\n"}):
        run = judge({"pyproject.toml": RUFF, "a.py": "x = 1\n"}, {**dropped, "a.py": "import os\n"})
        assert rules(check(run, "lint")) == [("F401", "a.py")], dropped


def test_lint_is_not_asked_without_settings_and_an_error_where_they_can_not_be_used(
    judge: Judge, tmp_path: Path
) -> None:
    skipped = check(judge({"a.py": "x = 1\n"}, {"a.py": "import os\n"}), "lint")
    assert (skipped.outcome.value, skipped.reason) == ("skipped", "the project does not configure ruff")
    (tmp_path / "outside.toml").write_text("hidden-word of this machine\n")
    settings = f"extend = '{tmp_path}/outside.toml'\n"
    broken = judge({"a.py": "x = 1\n", "ruff.toml": settings}, {"a.py": "import os\n"})
    assert check(broken, "lint").outcome.value == "error"
    assert "hidden-word" not in (broken.path / "verdict.json").read_text()


def test_types_blocks_new_errors_on_changed_lines_and_those_a_change_causes_elsewhere(judge: Judge) -> None:
    base = {
        "mypy.ini": MYPY,
        "src/pk/__init__.py": "",
        "src/pk/calc.py": CALC,
        "src/pk/use.py": "from pk.calc import double\n\nx: int = double(2)\n",
    }
    wrong = judge(base, {"src/pk/more.py": "from pk.calc import double\n\nprint(double('2'))\n"})
    assert rules(check(wrong, "types")) == [("arg-type", "src/pk/more.py")]
    far = judge(base, {"src/pk/calc.py": CALC.replace("-> int", "-> float").replace("2 * x", "2.5 * x")})
    assert rules(check(far, "types")) == [("assignment", "src/pk/use.py")]
    same_size = judge(base, {"src/pk/use.py": "from pk.calc import double\n\nx: str = double(2)\n"})
    assert rules(check(same_size, "types")) == [("assignment", "src/pk/use.py")]
    good = judge(base, {"src/pk/more.py": "from pk.calc import double\nimport nosuch\n\nprint(double(2), nosuch.x)\n"})
    assert check(good, "types").outcome.value == "pass"
    assert check(good, "types").reason.endswith("4 files examined")


def test_types_runs_no_plug_in_and_takes_no_settings_from_the_change(judge: Judge) -> None:
    evil = "raise SystemExit('Success: no issues found')\n"
    base = {"mypy.ini": "[mypy]\nplugins = evil.py\n", "evil.py": evil, "a.py": CALC}
    for change in ({}, {"mypy.ini": "[mypy]\nignore_errors = True\n"}, {"mypy.ini": None}):
        run = judge(base, {**change, "a.py": CALC.replace("2 * x", "'x'")})
        assert rules(check(run, "types")) == [("return-value", "a.py")]


def test_types_is_not_asked_of_code_without_types(judge: Judge) -> None:
    assert check(judge({"a.py": "x = 1\n"}, {"a.py": "x: int = ''\n"}), "types").outcome.value == "skipped"
    many = "".join(f"def f{number}(x: int) -> int:\n    return x\n\n\n" for number in range(20))
    assert rules(check(judge({"a.py": many}, {"b.py": "x: int = ''\n"}), "types")) == [("assignment", "b.py")]


def test_files_that_can_not_be_parsed_do_not_hide_the_others_from_mypy(judge: Judge) -> None:
    base = {"mypy.ini": MYPY, "a.py": CALC, "broken.py": "def (\n"}
    assert rules(check(judge(base, {"a.py": CALC.replace("2 * x", "'x'")}), "types")) == [("return-value", "a.py")]


def test_a_change_can_not_hide_what_the_linter_finds(judge: Judge) -> None:
    old = {"pyproject.toml": RUFF, "a.py": "import os\nimport re  # noqa: F401\n"}
    for hidden in ("import sys  # noqa\n", "import sys  # noqa: F401\n", "# ruff: noqa\nimport sys\n"):
        verdict = check(judge(old, {"b.py": hidden}), "lint")
        assert rules(verdict) == [("F401", "b.py")], hidden
        assert "hides this with a comment" in verdict.findings[0].remedy


def test_a_change_may_keep_and_narrow_what_was_hidden_and_hide_what_was_there(judge: Judge) -> None:
    old = {"pyproject.toml": RUFF, "a.py": "import os\nimport re  # noqa\n"}
    for honest in ("import os  # noqa: F401\nimport re  # noqa\n", "import os\nimport json  # noqa: F401\n"):
        assert check(judge(old, {"a.py": honest}), "lint").outcome.value == "pass", honest


def test_a_waiver_lets_a_finding_be_hidden(judge: Judge) -> None:
    day = datetime.now(UTC).date() + timedelta(days=30)
    waiver = (
        f"waivers:\n  - check: ruff:F401\n    paths: [b.py]\n    reason: loads the plug-ins\n"
        f"    owner: ada\n    approved_by: grace\n    expires: {day}\n"
    )
    old = {"pyproject.toml": RUFF, "a.py": "x = 1\n", ".github/tdev.yml": waiver}
    verdict = check(judge(old, {"b.py": "import sys  # noqa: F401\n"}), "lint")
    assert verdict.outcome.value == "waived"


def test_a_change_can_not_hide_errors_of_types(judge: Judge) -> None:
    wrong = CALC.replace("2 * x", "'x'")
    for hidden in (wrong.replace("'x'", "'x'  # type: ignore"), f"# mypy: ignore-errors\n{wrong}"):
        run = judge({"mypy.ini": MYPY, "a.py": CALC}, {"b.py": hidden})
        assert rules(check(run, "types")) == [("return-value", "b.py")], hidden
    old = CALC.replace("2 * x", "'x'  # type: ignore[return-value]")
    kept = judge({"mypy.ini": MYPY, "a.py": old}, {"a.py": old.replace("'x'", "'y'")})
    assert check(kept, "types").outcome.value == "pass"


def test_the_reports_are_evidence_of_both_sides(judge: Judge) -> None:
    run = judge({"pyproject.toml": RUFF, "mypy.ini": MYPY, "a.py": CALC}, {"b.py": "x = 1\n"})
    evaluation = run.read(Evaluation)
    assert "| verdict | fail |" in (run.path / "trend.md").read_text() and run.verify() == ""
    for tool in ("ruff", "mypy"):
        before, after = evaluation.before.report(tool), evaluation.after.report(tool)
        assert before is not None and after is not None
        assert (before.ok, before.examined, after.ok, after.examined) == (True, 1, True, 2)


PROJECT = (
    '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    '[project]\nname = "pk"\nversion = "1.2.0"\n'
)
API = (
    '"""A package."""\n\n\ndef area(width, height=1):\n    """Its area."""\n    return _times(width, height)\n\n\n'
    'def _times(a, b):\n    return a * b\n\n\nclass Shape:\n    """A shape."""\n\n'
    '    def name(self):\n        """Its name."""\n        return "shape"\n'
)


@pytest.mark.parametrize("place", ["pk/__init__.py", "src/pk/__init__.py"])
def test_api_blocks_what_breaks_callers(judge: Judge, place: str) -> None:
    base = {"pyproject.toml": PROJECT, place: API}
    cases = {
        "object-removed": API.replace("def area", "def surface"),
        "parameter-removed": API.replace("area(width, height=1)", "area(width)"),
        "parameter-added-required": API.replace("area(width,", "area(width, depth,"),
        "parameter-changed-required": API.replace("height=1", "height"),
        "parameter-changed-default": API.replace("height=1", "height=2"),
    }
    for rule, text in cases.items():
        assert rule in [found for found, _ in rules(check(judge(base, {place: text}), "api"))], rule


def test_api_lets_what_callers_do_not_see_and_announced_breaks(judge: Judge) -> None:
    base = {"pyproject.toml": PROJECT, "pk/__init__.py": API, "pk/tests/test_x.py": "def test_a():\n    assert 1\n"}
    breaking = {"pk/__init__.py": API.replace("def area", "def surface")}
    for change in (
        {"pk/__init__.py": API.replace("_times", "_product"), "pk/tests/test_x.py": None},
        {"pk/__init__.py": API.replace("height=1", "height=1, depth=1")},
        {
            "pk/__init__.py": API.replace(
                "def area(width, height=1):", "def area(width: float, height: int = 1) -> float:"
            )
        },
        {"pk/__init__.py": breaking["pk/__init__.py"] + "\n\narea = surface\n"},
        {**breaking, "pyproject.toml": PROJECT.replace("1.2.0", "2.0.0")},
    ):
        verdict = check(judge(base, change), "api")
        assert verdict.outcome.value == "pass", (change, verdict.reason, verdict.findings)
    minor = judge(base, {**breaking, "pyproject.toml": PROJECT.replace("1.2.0", "1.3.0")})
    assert check(minor, "api").outcome.value == "fail"


def test_an_application_has_no_api(judge: Judge) -> None:
    base = {"pyproject.toml": '[project]\nname = "pk"\nversion = "1"\n', "pk/__init__.py": API}
    verdict = check(judge(base, {"pk/__init__.py": ""}), "api")
    assert (verdict.outcome.value, verdict.reason) == (
        "skipped",
        "the project publishes no package that others could import",
    )


def test_a_package_that_is_gone_is_a_break(judge: Judge) -> None:
    base = {"pyproject.toml": PROJECT, "pk/__init__.py": API}
    assert ("object-removed", "") in rules(check(judge(base, {"pk/__init__.py": None, "qk/__init__.py": API}), "api"))
    moved = judge(base, {"pk/__init__.py": None, "src/pk/__init__.py": API})
    assert check(moved, "api").outcome.value == "pass"


def test_dead_code_blocks_what_nothing_reaches_or_uses(judge: Judge) -> None:
    base = {"a.py": f"{CALC}\n\ndef _old() -> int:\n    return 1\n\n\nVALUE = double(_old())\n"}
    after = "def f(x):\n    return x\n    print(x)\n\n\ndef _g():\n    return f(1)\n\n\nclass _C:\n    pass\n"
    assert rules(check(judge(base, {"b.py": after}), "dead-code")) == [
        ("unreachable-code", "b.py"),
        ("unused-private", "b.py"),
        ("unused-private", "b.py"),
    ]
    last_use = judge(base, {"a.py": str(base["a.py"]).replace("double(_old())", "double(2)")})
    assert rules(check(last_use, "dead-code")) == [("unused-private", "a.py")]


def test_dead_code_leaves_what_something_may_use(judge: Judge) -> None:
    fine = (
        "import plugins\nfrom registry import command\n\n\n@command\ndef _run():\n    return 1\n\n\n"
        "class _Job(plugins.Job):\n    pass\n\n\ndef _by_name():\n    return 2\n\n\nCALLED = '_by_name'\n\n\n"
        "def nothing():\n    return\n    yield\n\n\ndef public():\n    return 3\n\n\ndef _in_a_test():\n    return 4\n"
    )
    run = judge({"a.py": CALC}, {"b.py": fine, "test_b.py": "import b\n\n\ndef test_b():\n    assert b._in_a_test()\n"})
    verdict = check(run, "dead-code")
    assert verdict.outcome.value == "pass", verdict.findings
    assert "unused-function" in {finding.rule for finding in verdict.remarks}
    assert check(judge({"a.py": fine}, {"a.py": fine + "X = 1\n"}), "dead-code").outcome.value == "pass"


def test_a_copied_block_blocks_and_a_moved_one_does_not(judge: Judge) -> None:
    body = "".join(f"    total += price[{number}] * {number}\n" for number in range(13))
    one = f"def one(price):\n    total = 0\n{body}    return total\n"
    copied = check(judge({"a.py": one}, {"b.py": one.replace("one", "two")}), "duplication")
    assert rules(copied) == [("copied-lines", "b.py")]
    assert "a.py:1" in copied.findings[0].message
    moved = judge({"a.py": f"X = 1\n{one}"}, {"a.py": "X = 1\n", "b.py": f"Y = 1\n{one}"})
    assert check(moved, "duplication").outcome.value == "pass"
    assert check(judge({"a.py": one}, {"test_a.py": one}), "duplication").outcome.value == "skipped"


LINTER = (
    "[importlinter]\nroot_package = pk\n\n[importlinter:contract:1]\nname = low knows nothing of high\n"
    "type = forbidden\nsource_modules = pk.low\nforbidden_modules = pk.high\n"
)


def test_architecture_blocks_new_imports_that_break_a_contract(judge: Judge) -> None:
    base = {".importlinter": LINTER, "src/pk/__init__.py": "", "src/pk/high.py": "", "src/pk/low.py": "", "rich.py": ""}
    broken = {"src/pk/low.py": "import os\n\nfrom pk import high\n"}
    verdict = check(judge(base, broken), "architecture")
    assert [(one.rule, one.path, one.line) for one in verdict.findings] == [("broken-contract", "src/pk/low.py", 3)]
    assert rules(check(judge(base, {**broken, ".importlinter": None}), "architecture")) == rules(verdict)
    assert check(judge({**base, **broken}, {"src/pk/high.py": "x = 1\n"}), "architecture").outcome.value == "pass"
    good = check(judge(base, {"src/pk/high.py": "from pk import low\n"}), "architecture")
    assert (good.outcome.value, good.reason) == ("pass", "nothing new found; 1 contracts checked")


def test_architecture_runs_no_code_of_the_project(judge: Judge) -> None:
    evil = "raise SystemExit('kept')\n"
    base = {".importlinter": LINTER, "pk/__init__.py": evil, "pk/high.py": evil, "pk/low.py": evil, "grimp.py": evil}
    assert check(judge(base, {"pk/low.py": f"import pk.high\n{evil}"}), "architecture").outcome.value == "fail"
    own = LINTER.replace("root_package = pk\n", "root_package = pk\ncontract_types =\n    mine: pk.high.Mine\n")
    verdict = check(judge({**base, ".importlinter": own}, {"pk/low.py": "x = 1\n"}), "architecture")
    assert verdict.outcome.value == "error"
    assert "contract types of their own" in verdict.reason


def test_focus_tells_of_very_large_changes_and_holds_nothing_up(judge: Judge) -> None:
    rows = "".join(f"V{number} = {number}\n" for number in range(1001))
    verdict = check(judge({"a.py": CALC}, {"b.py": rows}), "focus")
    assert verdict.outcome.value == "pass"
    assert [finding.rule for finding in verdict.remarks] == ["large-change"]
