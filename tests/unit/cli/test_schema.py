"""The published JSON Schemas: up to date, and true of real instances."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from tdev.cli.main import main
from tdev.cli.schema import POLICY_SCHEMA, schemas
from tdev.core.artifacts import (
    ARTIFACTS,
    BlueprintChoice,
    Evaluation,
    Event,
    Goal,
    Insights,
    Lessons,
    Manifest,
    Measurement,
    Model,
    Patch,
    Publication,
    Spec,
    Summary,
    Verdict,
)
from tdev.core.artifacts.attempt import Attempt
from tdev.core.artifacts.evaluation import Metrics, Symbol, TestOutcome, TestRun
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.artifacts.insights import Evidence, Insight, LanguageCount
from tdev.core.artifacts.lessons import Lesson
from tdev.core.artifacts.patch import ChangedFile, Commit
from tdev.core.artifacts.plan import Task
from tdev.core.artifacts.rebase import Rebase
from tdev.core.artifacts.spec import Criterion, FieldType, Operation, Question, Resource, SpecField
from tdev.core.artifacts.summary import ChangeSummary, ReviewPlace
from tdev.core.artifacts.verdict import Outcome
from tdev.core.plan import build_plan, replan
from tdev.policy.model import Policy, Waiver

ROOT = Path(__file__).parents[3]
SHA = "a" * 40
FINDING = Finding(
    tool="semgrep", rule="r", severity=Severity.WARNING, message="m", path="a.py", line=3, fingerprint="f"
)
REPORT = ToolReport(tool="semgrep", ok=True, examined=1, findings=(FINDING,))
MEASUREMENT = Measurement(
    sha=SHA,
    metrics=Metrics(python_files=1, tests_passed=2, coverage_percent=50.5),
    tests=TestRun(ok=True, outcomes={"t::a": TestOutcome.PASSED}, covered_lines={"a.py": (1, 2)}),
    reports=(REPORT,),
    symbols=(
        Symbol(path="a.py", name="f", kind="function", line=1, end_line=2, public=True, documented=False, typed=True),
    ),
    maintainability={"a.py": 70.0},
)
TASKS = (
    Task(id="T1", title="Group", estimate_hours=1, risk=1),
    Task(id="T1.1", title="Part", parent="T1", estimate_hours=1.5, risk=2, recipe="types", paths=("a",)),
    Task(id="T1.2", title="Part", parent="T1", estimate_hours=1, risk=2, needs=("T1.1",)),
)
INSTANCES: tuple[Model, ...] = (
    Goal(
        run_id="r",
        goal_id="g",
        trace_id="0" * 31 + "1",
        kind=GoalKind.EVOLVE,
        text="modernise",
        title="modernise",
        slug="modernise",
        repository=Repository(path="/x", name="x", base_sha=SHA, base_ref="main"),
        engine="recipes",
        engine_reason="asked for",
        recipes=("modernise",),
        created_at="2026-01-01T00:00:00Z",
    ),
    Insights(
        languages=(LanguageCount(language="Python", files=1, lines=10),),
        insights=(
            Insight(
                id="i", kind="dead-code", title="t", path="a.py", evidence=(Evidence(path="a.py", line=1),),
                effort_hours=0.1, priority=0.5,
            ),
        ),
    ),
    Spec(
        title="Rooms",
        slug="rooms",
        resources=(
            Resource(
                name="Room",
                plural="rooms",
                fields=(SpecField(name="size", type=FieldType.INTEGER, minimum=1),),
                operations=(Operation.CREATE,),
            ),
        ),
        criteria=(Criterion(id="AC-1", text="t", resource="Room", operation=Operation.CREATE),),
        questions=(Question(number=1, text="q"),),
    ),
    BlueprintChoice(name="crud-api", version="1", destination=".", reason="r", answers={"a": 1, "b": ["c"]}),
    replan(build_plan(TASKS, not_done=("x",)), "T1.1", "broke"),
    MEASUREMENT,
    Patch(
        base_sha=SHA,
        head_sha="b" * 40,
        commits=(Commit(sha="b" * 40, subject="s", task="T1"),),
        files=(ChangedFile(path="b", status="R", added=1, removed=0, old_path="a"),),
        attempts=(Attempt(task="T1", number=1, kept=True, reason="r"),),
        engine="recipes",
    ),
    Evaluation(before=MEASUREMENT, after=MEASUREMENT, changed_lines={"a.py": (1,)}, paths=("a.py",), score=88.5),
    Verdict.of("all", (Verdict(name="tests", outcome=Outcome.FAIL, reason="r", findings=(FINDING,)),)),
    Summary(
        told=ChangeSummary(
            title="t", why="w", changed=("c",), review_first=(ReviewPlace(path="b", reason="r"),), risks=("k",),
            not_done=("n",),
        ),
        diff_bytes=9, shown_bytes=9,
    ),
    Rebase(from_sha=SHA, to_sha=SHA, old_head_sha=SHA, dropped=1, conflict="c", files=("a.py",)),
    Publication(branch="tdev/auto/x", head_sha=SHA, title="t", body_file="pull-request.md"),
    Lessons(outcome="published", lessons=(Lesson(kind="worked", text="t", evidence="e"),), seconds={"plan": 0.1}),
    Event(time="t", name="tdev.x.start", run_id="r", goal_id="g", trace_id="0" * 32, attributes={"a": 1, "b": True}),
    Manifest().append(path="goal.json", sha256="0" * 64, size=3, stage="start"),
)  # fmt: skip


def published(model: type[Model]) -> dict[str, object]:
    file = next(artifact.file for artifact in ARTIFACTS if artifact.model is model)
    name = file.rpartition(".")[0].replace("/", "-").lower()
    loaded = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def policy_schema() -> dict[str, object]:
    loaded = json.loads((ROOT / POLICY_SCHEMA).read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_every_artifact_has_an_instance_here() -> None:
    assert {type(instance) for instance in INSTANCES} == {artifact.model for artifact in ARTIFACTS}


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda instance: type(instance).__name__)
def test_what_is_written_is_what_the_published_schema_says(instance: Model) -> None:
    schema = published(type(instance))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(instance.model_dump_json()), schema, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda instance: type(instance).__name__)
def test_the_schema_knows_no_other_keys_and_says_what_each_is(instance: Model) -> None:
    schema = published(type(instance))
    data = {**json.loads(instance.model_dump_json()), "surprise": 1}
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(data, schema, jsonschema.Draft202012Validator)
    properties = schema.get("properties") or _defined(schema)
    assert all(part.get("description") for part in properties.values())


def _defined(schema: dict[str, object]) -> dict[str, dict[str, object]]:
    """Properties of a schema that refers to itself: they stand under $defs."""
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    found = definitions[str(schema["$ref"]).rpartition("/")[2]]["properties"]
    assert isinstance(found, dict)
    return found


def test_the_policy_schema_takes_the_default_file_the_examples_and_any_policy() -> None:
    schema = policy_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    policy = Policy(waivers=(Waiver(check="no-tests", reason="there are none yet"),))
    jsonschema.validate(json.loads(policy.model_dump_json()), schema)
    for file in (ROOT / "policies" / "default.yml", *(ROOT / "policies" / "examples").glob("*.yml")):
        jsonschema.validate(yaml.safe_load(file.read_text("utf-8")), schema)


@pytest.mark.parametrize(
    "data", [{"engin": "auto"}, {"engine": "fast"}, {"limits": {"tasks": 0}}, {"waivers": [{"check": "x"}]}]
)
def test_the_policy_schema_refuses_what_we_refuse(data: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, policy_schema())


def test_the_committed_files_are_what_the_models_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--check", "--out", str(ROOT)]) == 0
    assert {file.name for file in (ROOT / "docs" / "schemas").iterdir()} == {
        name.rpartition("/")[2] for name in schemas() if name.startswith("docs/")
    }


def test_check_names_the_first_file_that_differs_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "--out", str(tmp_path), "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert POLICY_SCHEMA in written
    assert main(["schema", "--check", "--out", str(tmp_path)]) == 0
    file = tmp_path / "docs" / "schemas" / "plan.schema.json"
    file.write_text("{}", "utf-8")
    assert main(["schema", "--check", "--out", str(tmp_path)]) == 2
    assert "docs/schemas/plan.schema.json is not what the models say" in capsys.readouterr().err
    assert file.read_text("utf-8") == "{}"
    assert main(["schema", "--out", str(tmp_path)]) == 0
    assert main(["schema", "--check", "--out", str(tmp_path)]) == 0
    assert main(["schema", "--out", str(tmp_path / "none")]) == 2
