"""Steps: what the runner does, and what it refuses before anything has run."""

from __future__ import annotations

import pytest

from tdev.forge.workflows.file import parse
from tdev.forge.workflows.steps import Step, filled, outputs_in, steps_of


def steps(text: str) -> tuple[Step, ...]:
    file = parse(f"on: push\njobs:\n  a:\n    steps: {text}\n")
    assert file is not None
    return steps_of(file.jobs["a"])


def test_commands_are_cut_into_words_and_variables_stay_whole() -> None:
    (step,) = steps('[{run: "tdev build \\"$TEXT\\" --repo=${DIR} \'a b\'", env: {TEXT: x}}]')
    assert step.commands == (("tdev", "build", "$TEXT", "--repo=${DIR}", "a b"),)
    seen = {"TEXT": "one; two $DIR", "DIR": "d e"}
    assert filled(step.commands[0], seen) == ("tdev", "build", "one; two $DIR", "--repo=d e", "a b")
    assert filled(("tdev", "$GONE"), {}) == ("tdev", "")


def test_lines_may_go_on_and_comments_stand_alone() -> None:
    (step,) = steps('[{run: "# why\\ntdev a \\\\\\n  b\\n\\ntdev c"}]')
    assert step.commands == (("tdev", "a", "b"), ("tdev", "c"))
    assert step.name == "Run tdev a b"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("run: python x.py", "`tdev` commands only, not python"),
        ("run: tdev a && tdev b", "no shell"),
        ("run: tdev a | tee x", "no shell"),
        ("run: tdev a > x", "no shell"),
        ("run: tdev a; rm x", "no shell"),
        ("run: tdev a $(id)", "a command in a command"),
        ("run: tdev a `id`", "a command in a command"),
        ("run: 'tdev ${A:-b}'", "this form of a variable"),
        ("run: tdev a '$B'", "a $ that stands for itself"),
        ("run: 'tdev \"a'", "quotation mark is open"),
        ("run: 'tdev ${{ inputs.x }}'", "through `env`"),
        ("run: ''", "either `uses` or `run`"),
        ("uses: actions/cache@v4", "can't use actions/cache@v4"),
        ("uses: actions/checkout", "can't use actions/checkout"),
        ("{uses: actions/checkout@v5, with: {lfs: true}}", "input `lfs`"),
        ("{uses: actions/checkout@v5, with: {persist-credentials: true}}", "leaves no token"),
        ("{run: tdev a, matrix: 1}", "knows no `matrix`"),
        ("{run: tdev a, if: 'hashFiles(1)'}", "does not know the expression"),
        ("{run: tdev a, env: {X: '${{ matrix.x }}'}}", "does not know the expression"),
    ],
)
def test_what_the_runner_can_not_do_is_refused(step: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("$", r"\$")):
        steps(f"[{step if step.startswith('{') else '{' + step + '}'}]")


def test_a_job_needs_steps_with_ids_of_their_own() -> None:
    with pytest.raises(ValueError, match="nothing this runner can do"):
        steps("[]")
    with pytest.raises(ValueError, match="same id"):
        steps("[{id: a, run: tdev a}, {id: a, run: tdev b}]")


def test_outputs_are_read_in_both_forms() -> None:
    assert outputs_in("a=1\nb<<END\nx\ny=2\nEND\nc=d=e\nnothing\n") == {"a": "1", "b": "x\ny=2", "c": "d=e"}
    assert outputs_in("a<<END\nx") == {"a": "x"}


ACTION = """
inputs: {goal: {default: ""}, place: {default: "${{ github.workspace }}"}}
outputs: {said: {value: "${{ steps.run.outputs.said }}"}}
runs:
  using: composite
  steps:
    - {id: run, shell: bash, env: {GOAL: "${{ inputs.goal }}"}, run: tdev build "$GOAL"}
"""
NODE = "runs: {using: node24, main: a.js, post: b.js}\n"


def own(files: dict[str, str], uses: str, given: str = "{}") -> Step:
    file = parse(f"on: push\njobs:\n  a:\n    steps: [{{uses: {uses}, with: {given}}}]\n")
    assert file is not None
    (step,) = steps_of(file.jobs["a"], files.get)
    return step


def test_an_action_of_ours_is_what_its_file_says() -> None:
    step = own({"actions/plan/action.yml": ACTION}, "t-developer/tdev/actions/plan@v1", "{goal: x}")
    assert step.own is not None and step.own.inputs == {"goal": "", "place": "${{ github.workspace }}"}
    assert step.own.steps[0].commands == (("tdev", "build", "$GOAL"),)
    assert step.own.outputs == {"said": "${{ steps.run.outputs.said }}"}
    node = own({"actions/token/action.yml": NODE}, "t-developer/tdev/actions/token@v1").own
    assert node is not None and (node.main, node.post, node.steps) == ("a.js", "b.js", ())


@pytest.mark.parametrize(
    ("uses", "given", "action", "words"),
    [
        ("t-developer/tdev/actions/plan@v1", "{other: x}", ACTION, "does not know the input `other`"),
        ("t-developer/tdev/actions/gone@v1", "{}", ACTION, "can't use"),
        ("t-developer/tdev/actions/plan", "{}", ACTION, "can't use"),
        ("evil/other/actions/plan@v1", "{}", ACTION, "can't use"),
        ("t-developer/tdev/actions/plan@v1", "{}", "runs: {using: docker}", "runs by docker"),
        (
            "t-developer/tdev/actions/plan@v1",
            "{}",
            ACTION.replace('run: tdev build "$GOAL"', "run: 'tdev ${{ inputs.goal }}'"),
            "through `env`",
        ),
        ("t-developer/tdev/actions/plan@v1", "{}", ACTION.replace("tdev build", "rm -rf"), "`tdev` commands only"),
    ],
)
def test_an_action_that_is_not_ours_or_does_more_is_refused(uses: str, given: str, action: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        own({"actions/plan/action.yml": action}, uses, given)
