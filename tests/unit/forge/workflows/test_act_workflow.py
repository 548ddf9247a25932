"""One job as workflow files for act: what stands in them, and that data in them stays data."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tdev.forge.workflows.act_workflow import check_data, files, literal, secrets_named
from tdev.forge.workflows.file import JobFile, parse

TEXT = """
on: workflow_dispatch
env: {TOP: high}
jobs:
  make: {runs-on: x, steps: [{run: "true"}], outputs: {word: w}}
  lost: {runs-on: x, steps: [{run: "true"}]}
  use:
    needs: [make, lost]
    if: always()
    runs-on: ["${{ inputs.runner }}"]
    outputs: {made: "${{ steps.a.outputs.made }}"}
    defaults: {run: {working-directory: deep}}
    steps:
      - id: a
        run: |
          echo one
          echo two
        env: {KEY: "${{ secrets.API_KEY }}", OTHER: "${{ secrets['Other_Key'] }}"}
"""


def job(key: str = "use") -> JobFile:
    """A job of the file above."""
    file = parse(TEXT)
    assert file is not None and not file.problem
    return file.jobs[key]


def seen(**more: Any) -> dict[str, Any]:
    """The contexts of that job."""
    needs = {
        "make": {"result": "success", "outputs": {"word": "it's ${{ secrets.API_KEY }}"}},
        "lost": {"result": "skipped", "outputs": {}},
    }
    github = {"event_name": "workflow_dispatch", "workflow": "w", "actor": "ada"}
    return {"github": github, "inputs": {"word": "a 'b'", "loud": True}, "needs": needs, "vars": {}, **more}


def test_the_job_stands_beside_stubs_of_those_it_needs_and_one_that_tells_its_outputs() -> None:
    made = {path: yaml.safe_load(text) for path, text in files(job(), seen()).items()}
    jobs = made[".github/workflows/job.yml"]["jobs"]
    assert list(jobs) == ["make", "lost", "use", "forge-outputs"]
    assert jobs["make"]["steps"][0]["run"] == "true" and jobs["lost"]["if"] == "${{ false }}"
    assert jobs["make"]["outputs"] == {"word": "${{ 'it''s ${{ secrets.API_KEY }}' }}"}
    use = jobs["use"]
    assert use["runs-on"] == "self-hosted" and use["env"] == {"TOP": "high"} and use["needs"] == ["make", "lost"]
    assert use["defaults"] == {"run": {"working-directory": "deep"}} and use["steps"][0]["name"] == "Run echo one"
    call = made["main.yml"]["jobs"]["call"]
    assert call["with"] == {"word": "${{ 'a ''b''' }}", "loud": True}
    types = made[".github/workflows/job.yml"]["on"]["workflow_call"]["inputs"]
    assert types == {"word": {"type": "string"}, "loud": {"type": "boolean"}}


def test_a_job_that_did_not_succeed_is_not_shown_as_one_that_did() -> None:
    for result in ("failure", "cancelled"):
        needs = {"make": {"result": result, "outputs": {}}}
        text = files(job(), seen(needs=needs))[".github/workflows/job.yml"]
        assert yaml.safe_load(text)["jobs"]["make"]["steps"][0]["run"] == "exit 1"


def test_only_secrets_that_are_named_are_given() -> None:
    assert secrets_named(job(), ()) == {"API_KEY", "OTHER_KEY"}
    assert secrets_named(job("make"), ("env: {X: '${{ secrets.token }}'}",)) == {"TOKEN"}


@pytest.mark.parametrize("place", ["github", "inputs", "needs", "vars"])
def test_data_with_an_expression_is_refused(place: str) -> None:
    clean = seen(needs={})
    check_data(job(), clean, {"issue": {"title": "$ {{ }} costs"}}, ())
    with pytest.raises(ValueError, match=place):
        check_data(job(), {**clean, place: {"x": ["${{ secrets.KEY }}"]}}, {}, ())


@pytest.mark.parametrize(
    "names", ["github.event", "github.event.issue", "GitHub.event.issue.title", "github.event['x']"]
)
def test_so_is_what_is_named_of_the_event(names: str) -> None:
    event = {"issue": {"title": "${{ secrets.KEY }}", "number": 3}}
    check_data(job(), seen(needs={}), event, ("${{ github.event.issue.number }} ${{ github.event_name }}",))
    with pytest.raises(ValueError, match=r"github\.event"):
        check_data(job(), seen(needs={}), event, (f"with: ${{{{ {names} }}}}",))


def test_a_literal_is_one_text() -> None:
    assert literal("a") == "${{ 'a' }}" and literal("' }} ${{ x") == "${{ ''' }} ${{ x' }}"
