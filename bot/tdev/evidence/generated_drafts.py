"""Drafts of tests for one module, by whom the policy asks: the Hypothesis ghostwriter and Pynguin.

Comes in: a desk for one change, and a gap. Goes out: sheets, each a test module of one drafter that can be written with
some of its tests alone. Drafts that assert nothing are left out here. Nothing of them is believed before it was tried:
generated_tries.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdev.core.generated_tests import generated_tests, module_of, named, statements
from tdev.core.weakened_tests.syntax import test_file as facts_of
from tdev.evidence.generated_gaps import Gap
from tdev.evidence.subject import Commit
from tdev.evidence.tests_of import Bench
from tdev.policy.tests_gate import Drafter
from tdev.tools.ghostwriter.candidates import Candidate, candidates
from tdev.tools.ghostwriter.drafts import Draft, test_file, write_drafts
from tdev.tools.ghostwriter.module_facts import Module
from tdev.tools.ghostwriter.project import modules_of
from tdev.tools.ghostwriter.pure_functions import why_impure_import
from tdev.tools.ghostwriter.runs import Workshop
from tdev.tools.pynguin import Subject, draft

MOST_TESTS = 20
"""Drafts of one drafter for one module that are tried."""


@dataclass(frozen=True)
class Desk:
    """Where drafts are made and tried."""

    commit: Commit
    """The head."""
    clone: Path
    """A clone of it that may be changed."""
    bench: Bench
    """The project in it, and its environment."""
    shop: Workshop
    """A folder apart, from which the project can be imported."""

    def in_project(self, path: str) -> str:
        """A path of the repository as the project sees it; empty where it lies outside."""
        folder = self.commit.folder
        if folder == ".":
            return path
        return path.removeprefix(f"{folder}/") if path.startswith(f"{folder}/") else ""


@dataclass(frozen=True)
class Sheet:
    """A test module of one drafter about one module."""

    drafter: Drafter
    """Who wrote it."""
    file: str
    """Name under which it is kept."""
    sizes: Mapping[str, int]
    """How many statements each test has, by its name."""
    kept: Callable[[Sequence[str]], str]
    """The module with the named tests alone, as a person would keep it."""
    drawn: Callable[[Sequence[str]], str]
    """The same, with other examples in each run where it draws some."""


def hypothesis_sheet(desk: Desk, gap: Gap) -> Sheet | str:
    """Properties of the functions in which something is left open, else why there are none.

    Raises TransientError when the ghostwriter can't be run.
    """
    commit, path = desk.commit, desk.in_project(gap.path)
    inside = filter(None, map(desk.in_project, commit.files))
    modules = modules_of(commit.checkout / commit.folder, inside)
    module = modules.get(path)
    if module is None:
        return f"{gap.module} can't be imported by its name"
    project = {one.name: one for one in modules.values()}
    if reason := why_impure_import(module, project):
        return f"{gap.module} {reason}"
    wanted = list(_wanted(module, project, gap))[:MOST_TESTS]
    drafts = {one.name: one for one in write_drafts(desk.shop, wanted)} if wanted else {}
    return _sheet_of(module.name, drafts) or f"{gap.module} has no annotated function that looks pure and is left open"


def _wanted(module: Module, project: Mapping[str, Module], gap: Gap) -> Iterator[Candidate]:
    """Candidates about what is left open, with something to assert."""
    for one in candidates(module, project):
        if not gap.functions.isdisjoint(one.functions) and (one.writer != "fuzz" or one.result):
            yield one


def _sheet_of(module: str, drafts: Mapping[str, Draft]) -> Sheet | None:
    def kept(names: Sequence[str]) -> str:
        return test_file(module, [drafts[name] for name in names], kept=True, optional=True)

    def drawn(names: Sequence[str]) -> str:
        return test_file(module, [drafts[name] for name in names], kept=False, optional=False)

    sizes = {name: statements(one.code) for name, one in drafts.items()}
    return with_assertions(Sheet(Drafter.HYPOTHESIS, f"{_file(module)}_properties.py", sizes, kept, drawn))


def pynguin_sheet(desk: Desk, gap: Gap, seconds: int) -> Sheet | str:
    """Calls found by a search of so many seconds, else why there are none.

    Raises TransientError when Pynguin can't be installed.
    """
    run = desk.commit.run
    subject = Subject(desk.clone, desk.clone / gap.root, gap.module)
    drafted = draft(run.settings, subject, desk.bench.environment, seconds, run.policy.sandbox)
    tests = named(generated_tests(drafted.text)[:MOST_TESTS])

    def text(names: Sequence[str]) -> str:
        return module_of({name: tests[name] for name in names}, gap.module)

    sizes = {name: statements(one.source) for name, one in tests.items()}
    sheet = with_assertions(Sheet(Drafter.PYNGUIN, f"{_file(gap.module)}.py", sizes, text, text))
    return sheet or drafted.failure or f"Pynguin found no test of {gap.module} that asserts something"


def with_assertions(sheet: Sheet) -> Sheet | None:
    """The sheet with the tests alone that can fail for what the code does; None where none can."""
    facts = facts_of(sheet.kept(list(sheet.sizes))) if sheet.sizes else None
    tests = facts.tests if facts else {}
    sizes = {name: size for name, size in sheet.sizes.items() if name in tests and not tests[name].vacuous}
    return Sheet(sheet.drafter, sheet.file, sizes, sheet.kept, sheet.drawn) if sizes else None


def _file(module: str) -> str:
    return f"test_{module.replace('.', '_')}"
