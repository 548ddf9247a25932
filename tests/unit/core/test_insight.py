"""From facts to insights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.artifacts.insights import Evidence, Insight, Insights, LanguageCount
from tdev.core.insight import RULES, Material, Thresholds, find_places, fold
from tdev.core.insight.fold import EVIDENCE, FILES_PER_FOLDER, priority
from tdev.core.insight.kinds import KINDS
from tdev.core.insight.markdown import insights_markdown
from tdev.core.insight.material import Place
from tdev.core.insight.python_versions import END_OF_LIFE, end_of_life, oldest_supported
from tdev.core.scan import scan_file

TODAY = date(2026, 6, 1)


def material(files: Mapping[str, str], **more: object) -> Material:
    facts = tuple(scan_file(path, dedent(text).encode()) for path, text in files.items())
    return Material(files=facts, **{"limits": Thresholds(), "today": TODAY, **more})  # type: ignore[arg-type]


def seen(files: Mapping[str, str], kind: str, **more: object) -> list[tuple[str, int, str]]:
    """(path, line, detail) of one kind."""
    places = find_places(material(files, **more))
    return [(place.path, place.line, place.detail) for place in places if place.kind == kind]


def test_missing_docstrings_are_of_public_symbols_of_own_code() -> None:
    files = {
        "pkg/a.py": "def f(): ...\ndef _g(): ...\nclass C:\n    '''Doc.'''\n    def m(self): ...\n",
        "pkg/_vendor/b.py": "def f(): ...\n",
        "tests/test_a.py": "def test(): ...\n",
        "setup.py": "def f(): ...\n",
        "pkg/a_pb2.py": "def f(): ...\n",
    }
    assert seen(files, "missing-docstring") == [
        ("pkg/a.py", 1, "the module"),
        ("pkg/a.py", 1, "f"),
        ("pkg/a.py", 5, "C.m"),
    ]


def test_missing_types_count_private_but_not_local_functions() -> None:
    files = {"a.py": "def _f(x):\n    def g(y): ...\n    return g\ndef h(x: int) -> int: ...\n"}
    assert seen(files, "missing-types") == [("a.py", 1, "_f")]


def test_complex_and_long_functions_are_judged_by_the_policy() -> None:
    branches = "".join(f"    if x == {number}:\n        return {number}\n" for number in range(4))
    files = {"a.py": f"def f(x):\n{branches}"}
    assert seen(files, "complex-function", limits=Thresholds(complexity=5)) == []
    assert seen(files, "complex-function", limits=Thresholds(complexity=4)) == [("a.py", 1, "f (complexity 5)")]
    assert seen(files, "long-function", limits=Thresholds(long_function_lines=9)) == []
    assert seen(files, "long-function", limits=Thresholds(long_function_lines=8)) == [("a.py", 1, "f (9 lines)")]


def test_dead_code_is_what_no_file_names() -> None:
    files = {
        "pkg/a.py": "def _idle(): ...\ndef _used(): ...\ndef _entry(): ...\ndef f():\n    return 1\n    f()\n",
        "tests/test_a.py": "from pkg.a import _used\n",
    }
    manifests = {"pyproject.toml": '[project.scripts]\nx = "pkg.a:_entry"\n'}
    assert seen(files, "dead-code", manifests=manifests) == [
        ("pkg/a.py", 6, "an unreachable statement"),
        ("pkg/a.py", 1, "_idle, which nothing uses"),
    ]


def test_todo_density_needs_two_and_more_than_the_policy_allows() -> None:
    two = "# TODO one\n# TODO two\n"
    assert seen({"a.py": "# TODO one\n"}, "todo-density") == []
    assert seen({"a.py": two}, "todo-density") == [("a.py", 1, "TODO one"), ("a.py", 2, "TODO two")]
    assert seen({"a.py": two + "x = 1\n" * 398}, "todo-density") == []


def test_old_syntax_depends_on_the_oldest_python_supported() -> None:
    files = {"a.py": "from typing import List, Optional\nx: List[int]\ny: Optional[int]\nclass A(object): pass\n"}
    old = {"pyproject.toml": '[project]\nrequires-python = ">=3.8"\n'}
    newer = {"pyproject.toml": '[project]\nrequires-python = ">=3.9"\n'}
    assert [line for _, line, _ in seen(files, "old-syntax", manifests=old)] == [4]
    assert [line for _, line, _ in seen(files, "old-syntax", manifests=newer)] == [2, 4]
    assert [line for _, line, _ in seen(files, "old-syntax")] == [2, 3, 4]


def test_unused_imports_of_packages_are_exports() -> None:
    files = {
        "a.py": "import os\n",
        "pkg/__init__.py": "import os\n",
        "stub.pyi": "import os\n",
        "test_b.py": "import os\n",
    }
    assert [path for path, _, _ in seen(files, "unused-import")] == ["a.py", "test_b.py"]


MODULE = '"""Doc."""\ndef f(): ...\n'


@pytest.mark.parametrize(
    "test",
    [
        {"tests/test_x.py": "import pkg.mod\n"},
        {"tests/test_x.py": "from pkg.mod import f\n"},
        {"tests/test_x.py": "from pkg import mod\n"},
        {"tests/test_x.py": "from src.pkg import mod\n"},
        {"tests/test_x.py": "from unittest.mock import patch\npatch('pkg.mod.f')\n"},
        {"tests/test_x.py": "import importlib\nimportlib.import_module('pkg.mod')\n"},
        {"tests/test_mod.py": "def test(): ...\n"},
        {"src/pkg/mod_test.py": "def test(): ...\n"},
        {"src/pkg/tests/test_x.py": "from ..mod import f\n"},
        {"tests/test_x.py": "import pkg\n", "src/pkg/__init__.py": "from .mod import f\n"},
        {"tests/test_x.py": "from pkg import f\n", "src/pkg/__init__.py": "from pkg.mod import *\n"},
    ],
)
def test_a_module_that_a_test_names_is_tested(test: dict[str, str]) -> None:
    files = {"src/pkg/__init__.py": "", "src/pkg/mod.py": MODULE, **test}
    assert seen(files, "untested-module") == []


@pytest.mark.parametrize(
    "test",
    [
        {},
        {"tests/test_x.py": "import mod\n"},
        {"tests/test_x.py": "from other import mod\n"},
        {"tests/test_x.py": "import pkg\n"},
        {"tests/test_x.py": "'a module'\n"},
        {"tests/test_model.py": ""},
    ],
)
def test_a_module_that_no_test_names_is_untested(test: dict[str, str]) -> None:
    files = {"src/pkg/__init__.py": "", "src/pkg/mod.py": MODULE, "src/pkg/__main__.py": MODULE, **test}
    assert seen(files, "untested-module") == [("src/pkg/mod.py", 0, "1 public function")]


def test_dependencies_age_by_the_day_their_pin_was_written() -> None:
    manifests = {"requirements.txt": "old==1.0\nyoung==2.0\nrange>=3\nopen\nunknown==4\n"}
    pinned = {("requirements.txt", 1): date(2024, 1, 1), ("requirements.txt", 2): date(2026, 1, 1)}
    pinned[("requirements.txt", 3)] = date(2020, 1, 1)
    assert seen({}, "old-dependency", manifests=manifests, pinned_on=pinned) == [
        ("requirements.txt", 1, "old 1.0, pinned 882 days ago"),
        ("requirements.txt", 4, "open, which has no version"),
    ]


@pytest.mark.parametrize(
    ("requires", "detail"),
    [
        (">=3.8", "Python 3.8, whose security fixes ended on 2024-10-07"),
        (">=2.7, !=3.0.*", "Python 2.7, whose security fixes ended on 2020-01-01"),
        (">=2.5", "Python 2.5, whose security fixes ended long ago"),
        (">=3.12", ""),
        (">=3.99", ""),
    ],
)
def test_an_interpreter_out_of_support(requires: str, detail: str) -> None:
    manifests = {"pyproject.toml": f'[project]\nname = "x"\nrequires-python = "{requires}"\n'}
    expected = [("pyproject.toml", 3, detail)] if detail else []
    assert seen({}, "old-dependency", manifests=manifests) == expected


def test_python_versions_end_in_order() -> None:
    assert oldest_supported(date(2026, 6, 1)) == (3, 10)
    assert oldest_supported(date(2099, 1, 1)) == max(END_OF_LIFE)
    assert end_of_life((3, 99)) is None and end_of_life((1, 5)) == date.min


def test_places_of_one_kind_and_file_are_one_insight_the_heaviest_first() -> None:
    places = [Place("complex-function", "a.py", line, f"f{line}", 1.0, line) for line in (3, 9, 5)] * 2
    insights, truncated = fold(places, material({}))
    assert len(insights) == 1 and not truncated
    assert [one.line for one in insights[0].evidence] == [9, 5, 3]
    assert insights[0].title == "Simplify 3 complex functions in a.py"
    assert insights[0].effort_hours == 3.0


def test_many_files_of_a_folder_are_one_insight() -> None:
    def places(count: int, kind: str = "unused-import") -> list[Place]:
        return [Place(kind, f"pkg/m{number:03}.py", 1, "os", 0.02) for number in range(count)]

    assert len(fold(places(FILES_PER_FOLDER), material({}))[0]) == FILES_PER_FOLDER
    (one,), _ = fold(places(EVIDENCE + 20), material({}))
    assert (one.path, one.title, len(one.evidence)) == ("pkg", "Remove 70 unused imports in pkg", EVIDENCE)
    assert len(fold(places(30, "complex-function"), material({}))[0]) == 30


def test_ids_stay_when_lines_move_and_other_things_come() -> None:
    first, _ = fold([Place("dead-code", "a.py", 3, "x", 0.1)], material({}))
    later, _ = fold([Place("dead-code", "a.py", 7, "x", 0.1), Place("dead-code", "b.py", 1, "y", 0.1)], material({}))
    assert first[0].id in {one.id for one in later}
    assert len({one.id for one in later}) == 2


def test_the_policys_limit_cuts_the_least_urgent() -> None:
    places = [Place("todo-density", "a.py", 1, "x", 0.1), Place("complex-function", "b.py", 1, "x", 0.1)]
    insights, truncated = fold(places, material({}, limits=Thresholds(insights=1)))
    assert truncated and [one.kind for one in insights] == ["complex-function"]


def test_recipes_are_named_where_one_answers() -> None:
    kinds = ("old-syntax", "unused-import", "missing-types", "untested-module", "complex-function")
    insights, _ = fold([Place(kind, "a.py", 1, "x", 0.1) for kind in kinds], material({}))
    assert {one.kind: one.recipe for one in insights} == {
        "old-syntax": "modernise",
        "unused-import": "imports",
        "missing-types": "types",
        "untested-module": "tests",
        "complex-function": "",
    }


@given(
    st.sampled_from(sorted(KINDS)),
    st.integers(1, 500),
    st.floats(0.01, 1000),
    st.integers(0, 10_000),
)
def test_priority_stays_between_half_the_severity_and_all_of_it(
    kind: str, count: int, hours: float, commits: int
) -> None:
    places = [Place(kind, "a.py", line, "", 0.1) for line in range(count)]
    value = priority(kind, places, hours, material({"a.py": "x = 1\n"}, commits={"a.py": commits}))
    severity = KINDS[kind].severity
    assert severity / 2 - 1e-4 <= value <= severity


def test_priority_grows_with_spread_and_change_and_falls_with_effort() -> None:
    def value(count: int = 1, hours: float = 1.0, commits: int = 0) -> float:
        places = [Place("dead-code", "a.py", line, "", 0.1) for line in range(count)]
        return priority("dead-code", places, hours, material({"a.py": "x = 1\n"}, commits={"a.py": commits}))

    assert value() < value(count=9)
    assert value() < value(commits=9)
    assert value() > value(hours=9)
    assert value(count=5, hours=2, commits=5) == pytest.approx(
        0.45 * (0.5 + 0.1 + 0.2 * (0.5 + 1 / 501) / 2 + 0.05), abs=1e-4
    )


def test_every_rule_has_a_kind_with_words() -> None:
    assert len(RULES) == len(KINDS) == 10


def test_the_page_keeps_what_the_repository_says_from_acting() -> None:
    evidence = (Evidence(path="a<b>|`.py", line=3, detail="<img src=x> @someone [x](y) **b**\nnext"),)
    insight = Insight(
        id="i-1", kind="todo-density", title="Settle <b>", path="a", evidence=evidence, effort_hours=1, priority=0.5
    )
    insights = Insights(languages=(LanguageCount(language="Go", files=1, lines=5),), insights=(insight,))
    page = insights_markdown("re<po>", "a" * 40, insights)
    assert "\\<img src=x\\> \\@someone \\[x\\](y) \\*\\*b\\*\\* next" in page
    assert "(<a%3Cb%3E|`.py#L3>)" in page
    assert "There is no Python here." in page and "re\\<po\\>" in page


def test_the_page_of_nothing() -> None:
    page = insights_markdown("x", "a" * 40, Insights())
    assert "no file in a language that is known" in page and "None." in page
