"""Lint finds what is wrong with a prompt; ours have nothing wrong."""

from __future__ import annotations

import json

import pytest

from tdev.cli.main import main
from tdev.errors import ConfigurationError
from tdev.prompts import library
from tdev.prompts.document import Document, parse
from tdev.prompts.lint import lint, problems_of
from tdev.prompts.lint_form import HEADINGS

GOOD = library.document("docstrings")


def changed(body: str = GOOD.body, **front: object) -> Document:
    return Document(front=GOOD.front.model_copy(update=front), body=body)


def test_every_prompt_is_as_it_should_be() -> None:
    reports = lint()
    assert not [problem for report in reports for problem in report.problems]
    assert len(reports) == len(library.documents())
    goals = [report for report in reports if report.name in library.goal_names()]
    assert all(report.examples and report.message_tokens > report.tokens and report.cached_tokens for report in goals)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (changed(GOOD.body + "{{ foreign }}"), "uses foreign without declaring"),
        (changed(context={**GOOD.front.context, "spare": "text"}), "declares spare without using"),
        (changed(GOOD.body + "{% if %}"), "It is no template"),
        (changed(GOOD.body.replace("## Do not", "## Never")), "Its headings must be"),
        (changed(GOOD.body + "x" * 200), "longer than 140"),
        (changed(GOOD.body + "word " * 2000), "tokens long"),
        (changed(GOOD.body + "a\u200bb"), "can't see"),
        (changed(GOOD.body + "<!-- x -->"), "can't see"),
        (changed(GOOD.body + "\nEND DATA x"), "mark of the data block"),
        (changed(sections=()), "name their data sections"),
        (changed(sections=("task", "nonsense")), "no data section nonsense"),
        (changed(acceptance=()), "needs a title"),
        (changed(name="other"), "No row of CHOICES"),
    ],
)
def test_what_is_wrong_is_said(document: Document, problem: str) -> None:
    assert any(problem in each for each in problems_of(document)), problems_of(document)


def test_an_example_that_does_not_come_true_is_said() -> None:
    example = GOOD.front.examples[0].model_copy(update={"holds": ("not there",), "lacks": ("Document public names",)})
    problems = problems_of(changed(examples=(example,)))
    assert any("'not there' is missing" in each for each in problems)
    assert any("must not be there" in each for each in problems)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no front matter", "has no front matter"),
        ("---\nname: x\n---\n", "has no front matter"),
        ("---\nname: [\n---\nbody", "is wrong"),
        ("---\nname: x\nversion: 0\nkind: goal\nsummary: s\n---\nbody", "is wrong"),
        ("---\nname: x\nversion: 1\nkind: goal\nsummary: s\nmore: 1\n---\nbody", "is wrong"),
        ("---\nname: y\nversion: 1\nkind: goal\nsummary: s\n---\nbody", "calls itself y"),
    ],
)
def test_a_file_that_is_no_prompt_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        parse(text, "x")


def test_the_command_lists_shows_and_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompts", "list"]) == 0
    assert "security-fix" in capsys.readouterr().out
    assert main(["prompts", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["prompts"]) == len(library.documents())
    assert main(["prompts", "show", "types"]) == 0
    shown = capsys.readouterr().out
    assert all(heading in shown for heading in HEADINGS) and "BEGIN DATA" in shown and "80 %" in shown
    assert main(["prompts", "show", "types", "--example", "a folder"]) == 0
    assert "src/pkg" in capsys.readouterr().out
    assert main(["prompts", "show", "system"]) == 0 and main(["prompts", "show", "frame"]) == 0
    capsys.readouterr()
    assert main(["prompts", "lint"]) == 0
    assert "bytes / 3.5" in capsys.readouterr().out
    assert main(["prompts", "lint", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] and all(not each["problems"] for each in answer["prompts"])


def test_wrong_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompts", "show", "nope"]) == 2
    assert main(["prompts", "show", "types", "--example", "nope"]) == 2
    assert "a folder" in capsys.readouterr().err
