"""Called workflows: their jobs stand in the run's file, with no more rights than their caller, or the file is wrong."""

from __future__ import annotations

import pytest

from tdev.forge.workflows.called import Place, with_calls
from tdev.forge.workflows.file import WorkflowFile, comes_after, input_value, parse

CALLER = """
on: workflow_dispatch
permissions: {}
jobs:
  first: {runs-on: x, steps: [{run: tdev run list}]}
  call:
    needs: first
    uses: o/r/.github/workflows/callee.yml@v1
    permissions: {contents: write}
    with: {goal: x}
    secrets: {KEY: x}
  last: {needs: call, runs-on: x, steps: [{run: tdev run list}]}
"""
CALLEE = """
on:
  workflow_call:
    inputs: {goal: {type: string, required: true}}
    secrets: {KEY: {required: false}}
    outputs: {said: {value: "${{ jobs.two.outputs.said }}"}}
permissions: {}
jobs:
  one: {runs-on: x, permissions: {contents: read}, steps: [{run: tdev run list}]}
  two: {needs: one, uses: ./.github/workflows/deep.yml, permissions: {contents: write}}
"""
DEEP = "on: workflow_call\njobs:\n  deepest: {runs-on: x, steps: [{run: tdev run list}]}\n"
FILES = {Place("o/r", "v1", f".github/workflows/{name}.yml"): text for name, text in
         (("callee", CALLEE), ("deep", DEEP))}  # fmt: skip


def whole(caller: str, callee: str = CALLEE) -> WorkflowFile:
    file = parse(caller)
    assert file is not None
    files = {**FILES, Place("o/r", "v1", ".github/workflows/callee.yml"): callee}
    return with_calls(file, files.get, Place("", "", ".github/workflows/a.yml"))


def test_called_jobs_stand_in_the_place_of_their_caller_and_local_calls_are_beside_their_file() -> None:
    file = whole(CALLER)
    assert file.problem == ""
    assert list(file.jobs) == ["first", "call", "call/one", "call/two", "call/two/deepest", "last"]
    assert file.jobs["call/two"].needs == ("call/one",)
    assert [file.jobs[key].caller for key in ("call", "call/one", "call/two/deepest")] == ["", "call", "call/two"]
    assert file.calls["call"].outputs == {"said": "${{ jobs.two.outputs.said }}"}


def test_a_called_job_without_a_declaration_has_the_rights_of_its_caller() -> None:
    jobs = whole(CALLER).jobs
    assert jobs["call/one"].permissions == {"contents": "read"}
    assert jobs["call/two/deepest"].permissions == {"contents": "write"}


def test_what_a_job_comes_after_reaches_through_calls() -> None:
    file = whole(CALLER)
    assert comes_after(file, "last") == {"first", "call", "call/one", "call/two", "call/two/deepest"}
    assert comes_after(file, "call/two/deepest") == {"first", "call", "call/one", "call/two"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("contents: write", "contents: read", "requesting 'contents: write', but is only allowed 'contents: read'"),
        ("{contents: write}", "{}", "'contents: read', but is only allowed 'contents: none'"),
        ("    uses: o", "    runs-on: x\n    uses: o", "no `runs-on` in a job that calls"),
        ("{goal: x}", "{goal: x, more: y}", "Invalid input, more is not defined"),
        ("with: {goal: x}", "with: {}", "Input goal is required"),
        ("{KEY: x}", "{KEY: x, OTHER: y}", "Invalid secret, OTHER is not defined"),
        ("callee.yml@v1", "gone.yml@v1", "no workflow that can be read"),
        ("callee.yml@v1", "callee.yml", "names no workflow file"),
        ("callee.yml@v1", "deep.yml@v1", "Invalid input, goal"),
    ],
)
def test_a_call_that_does_not_fit_makes_the_file_wrong(old: str, new: str, words: str) -> None:
    file = whole(CALLER.replace(old, new))
    assert words in file.problem and not file.jobs


def test_an_identity_token_is_a_right_too_and_a_workflow_must_say_that_it_may_be_called() -> None:
    file = whole(CALLER, CALLEE.replace("permissions: {contents: read}", "permissions: {id-token: write}"))
    assert "'id-token: write', but is only allowed 'id-token: none'" in file.problem
    assert "no `workflow_call` trigger" in whole(CALLER, DEEP.replace("workflow_call", "push")).problem


def test_a_workflow_that_calls_itself_ends() -> None:
    callee = "on: workflow_call\njobs: {one: {uses: ./.github/workflows/callee.yml}}"
    caller = CALLER.replace("    with: {goal: x}\n    secrets: {KEY: x}\n", "")
    assert "level 11" in whole(caller, callee).problem


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ({"type": "string"}, None, ""),
        ({"type": "string", "default": "a"}, None, "a"),
        ({"type": "string", "default": "a"}, "", ""),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean", "default": True}, None, True),
        ({"type": "number"}, "3", 3.0),
    ],
)
def test_inputs_have_the_type_that_is_declared(declared: dict[str, object], given: str | None, value: object) -> None:
    assert input_value(declared, given) == value
