"""Workflow files: jobs in order of their needs, permissions of each, and what is wrong with a file."""

from __future__ import annotations

import pytest

from tdev.forge.workflows.file import Rights, WorkflowFile, ancestors, parse

FILE = """
on: {workflow_dispatch: {inputs: {a: {required: true}}}}
permissions: {contents: read, id-token: write}
env: {A: 1, B: true}
concurrency: {group: g, cancel-in-progress: true}
jobs:
  publish:
    needs: [work]
    runs-on: x
    permissions: {contents: write, pull-requests: write}
    environment: {name: live, url: x}
    env: {B: 2}
    steps: [{run: tdev run list}]
  work: {runs-on: [self-hosted, x], if: "github.ref == 'x'", steps: [{run: tdev run list}]}
  last: {needs: publish, runs-on: x, permissions: {}, timeout-minutes: 2, steps: [{run: tdev run list}]}
"""


def read(text: str) -> WorkflowFile:
    file = parse(text)
    assert file is not None
    return file


def test_jobs_stand_behind_what_they_need() -> None:
    file = read(FILE)
    assert list(file.jobs) == ["work", "publish", "last"]
    assert ancestors(file, file.jobs["last"].needs) == {"publish", "work"}


def test_a_jobs_own_permissions_replace_those_of_the_workflow() -> None:
    jobs = read(FILE).jobs
    assert jobs["publish"].permissions == {"contents": "write", "pull_requests": "write"}
    assert not jobs["publish"].id_token
    assert jobs["work"].permissions == {"contents": "read"} and jobs["work"].id_token
    assert jobs["last"].permissions == {} and not jobs["last"].id_token


def test_what_else_a_job_says() -> None:
    file = read(FILE)
    publish = file.jobs["publish"]
    assert (publish.environment, publish.env, file.jobs["last"].minutes) == ("live", {"A": "1", "B": "2"}, 2)
    assert (file.group, file.cancels) == ("g", "true")


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        ("a: {needs: b, steps: []}", "depends on unknown job 'b'"),
        ("{a: {needs: b}, b: {needs: a}}", "no circle"),
        ("a: {if: 'matrix.x', steps: []}", "does not know the expression"),
        ("a: {timeout-minutes: 0}", "no number above 0"),
        ("a: 1", "is no mapping"),
    ],
)
def test_a_file_that_makes_no_sense_says_why(jobs: str, words: str) -> None:
    body = f"jobs: {jobs}" if jobs.startswith("{") else f"jobs:\n  {jobs}"
    file = read(f"on: push\n{body}\n")
    assert words in file.problem and not file.jobs


@pytest.mark.parametrize("key", ["strategy", "container", "services", "concurrency", "continue-on-error"])
def test_what_no_runner_here_does_is_refused(key: str) -> None:
    file = read(f"on: push\njobs:\n  a: {{runs-on: x, {key}: {{x: 1}}, steps: [{{run: tdev x}}]}}\n")
    assert key in file.jobs["a"].refused


def test_what_is_no_workflow_is_none() -> None:
    assert parse("a: [") is None
    assert parse("jobs: 1") is None
    assert parse("on: push") is None


def test_a_text_that_is_read_again_keeps_nothing_of_an_earlier_caller() -> None:
    text = "on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps: []\n"
    rights = [Rights({"contents": level}, False) for level in ("write", "read")]
    found = [parse(text, each) for each in (*rights, None, rights[0])]
    levels = [file and file.jobs["a"].permissions.get("contents") for file in found]
    assert levels[:2] == ["write", "read"] and levels[3] == "write" and found[0] == found[3]
