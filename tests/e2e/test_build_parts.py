"""spec, blueprint, render and contract on real programs: copier, openapi-spec-validator, uvicorn, schemathesis."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tdev.adapters import run_dir
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.core.artifacts.spec import BlueprintChoice, Spec
from tdev.core.run import goal_id, new_run_id, new_trace_id, utc_now
from tdev.engines.engine import Job
from tdev.engines.recipes import blueprint as recipe
from tdev.errors import ConfigurationError, Refused
from tdev.policy.model import Limits, Policy
from tdev.settings import Settings
from tdev.stages.blueprint import blueprint
from tdev.stages.spec import spec
from tdev.tools import python_environment
from tdev.tools.contract import run_contract
from tdev.tools.service_probe import demo_requests, running_service

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
REQUIREMENT = (ROOT / "examples" / "meeting-rooms.md").read_text("utf-8")
MakeRepository = Callable[..., Path]
StartRun = Callable[..., RunDir]


@pytest.fixture
def start_run(settings: Settings) -> StartRun:
    """A function that makes a run directory for a build of a text in a repository."""

    def start(text: str, repository: Path, policy: Policy | None = None) -> RunDir:
        sha = Git(repository, settings.child_environment).commit_of("HEAD")
        goal = Goal(
            run_id=new_run_id(),
            goal_id=goal_id("build", text, str(repository)),
            trace_id=new_trace_id(),
            kind=GoalKind.BUILD,
            text=text,
            title="A build",
            slug="a-build",
            repository=Repository(path=str(repository), name=repository.name, base_sha=sha),
            engine="recipes",
            engine_reason="test",
            created_at=utc_now(),
        )
        return run_dir.create(settings, goal, policy or Policy())

    return start


def job_for(run: RunDir, checkout: Path) -> Job:
    task = Task(id="T1", title="Render the service", recipe="blueprint", estimate_hours=1, risk=1)
    return Job(
        goal=run.goal,
        task=task,
        policy=run.policy,
        settings=run.settings,
        checkout=checkout,
        project=checkout,
        python=Path("python"),
        run_folder=run.path,
        transcript=run.path / "transcript.jsonl",
        attempt=1,
        feedback=(),
        session="",
        usd_left=0,
        seconds_left=300,
        progress=lambda line: None,
    )


def content(folder: Path) -> Mapping[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and ".git" not in file.relative_to(folder).parts
    }


def test_requirement_to_answers_over_http(start_run: StartRun, make_repository: MakeRepository) -> None:
    repository = make_repository({"README.md": "# Ours\n", ".gitignore": "secret.txt\n"})
    run = blueprint(spec(start_run(REQUIREMENT, repository)))
    assert yaml.safe_load((run.path / "spec/openapi.yaml").read_bytes())["openapi"] == "3.1.0"
    assert [row["id"] for row in json.loads((run.path / "spec/acceptance.json").read_bytes())] == [
        f"AC-{n}" for n in range(1, 6)
    ]
    assert run.read(BlueprintChoice).destination == "."

    recipe.perform(job_for(run, repository))
    first = content(repository)
    recipe.perform(job_for(run, repository))
    assert content(repository) == first
    assert first["README.md"] == b"# Ours\n"
    assert first[".gitignore"].startswith(b"secret.txt\n")
    assert {"docs/service.md", "docs/SRS.md", "docs/openapi.yaml", ".github/workflows/ci.yml"} <= first.keys()

    report = run_contract(run, repository, run.work / "environment")
    assert (report.ok, report.reason, report.findings, report.examined) == (True, "", (), 16)

    environment = python_environment.ensure(run.settings, repository, run.work / "environment", 300)
    made = run.read(Spec)
    with running_service(run.settings, environment, repository, made) as base_url:
        answers = demo_requests(base_url, made)
    assert [(answer.method, answer.status) for answer in answers] == [
        ("GET", 200),
        ("POST", 201),
        ("POST", 201),
        ("POST", 201),
        ("GET", 200),
        ("GET", 200),
        ("GET", 404),
        ("POST", 422),
    ]
    assert all(answer.ok for answer in answers)


def test_contract_finds_a_service_that_breaks_its_promise(start_run: StartRun, make_repository: MakeRepository) -> None:
    text = "# Notes\n## Resources\n### Note\n- title: string, required, unique, 1..20\n"
    repository = make_repository({})
    run = blueprint(spec(start_run(text, repository)))
    recipe.perform(job_for(run, repository))
    schema = repository / "src/notes/schemas/note.py"
    schema.write_text(schema.read_text().replace("max_length=20", "max_length=200"))
    report = run_contract(run, repository, run.work / "environment")
    assert report.ok
    assert {finding.rule for finding in report.findings} >= {"negative_data_rejection"}
    assert all("curl" in finding.remedy for finding in report.findings)


def test_contract_of_a_service_that_does_not_start_is_no_evidence(
    start_run: StartRun, make_repository: MakeRepository
) -> None:
    text = "# Notes\n## Resources\n### Note\n- title: string, required\n"
    repository = make_repository({})
    run = blueprint(spec(start_run(text, repository)))
    recipe.perform(job_for(run, repository))
    (repository / "src/notes/__main__.py").write_text("raise SystemExit('broken on purpose')\n")
    report = run_contract(run, repository, run.work / "environment")
    assert not report.ok
    assert "broken on purpose" in report.reason


def test_a_repository_with_code_gets_a_folder_of_its_own(start_run: StartRun, make_repository: MakeRepository) -> None:
    repository = make_repository({"src/app.py": "x = 1\n", ".github/workflows/x.yml": "name: x\n"})
    before = content(repository)
    run = blueprint(spec(start_run(REQUIREMENT, repository)))
    assert run.read(BlueprintChoice).destination == "services/meeting-rooms"
    recipe.perform(job_for(run, repository))
    after = content(repository)
    assert {name: after[name] for name in before} == before
    assert all(name.startswith("services/meeting-rooms/") for name in after.keys() - before.keys())
    assert not any(".github" in name for name in after.keys() - before.keys())


def test_a_folder_that_exists_is_refused(start_run: StartRun, make_repository: MakeRepository) -> None:
    repository = make_repository({"Services/Meeting-Rooms/x.py": "x = 1\n"})
    with pytest.raises(Refused, match="has a folder services/meeting-rooms already"):
        blueprint(spec(start_run(REQUIREMENT, repository)))


def test_a_link_out_of_the_checkout_is_refused(
    start_run: StartRun, make_repository: MakeRepository, tmp_path: Path
) -> None:
    repository = make_repository({"app.py": "x = 1\n"})
    run = blueprint(spec(start_run(REQUIREMENT, repository)))
    outside = tmp_path / "outside"
    outside.mkdir()
    (repository / "services").symlink_to(outside)
    with pytest.raises(Refused, match="leads out of the repository"):
        recipe.perform(job_for(run, repository))
    assert not list(outside.iterdir())


def test_open_questions_end_the_run(start_run: StartRun, make_repository: MakeRepository) -> None:
    run = start_run("a meeting room booking service", make_repository({}))
    with pytest.raises(Refused, match="2 questions open") as error:
        spec(run)
    assert "1. Which resources does the service keep?" in error.value.message
    assert (run.path / "spec/questions.md").is_file()
    assert len(run.read(Spec).questions) == 2
    assert not (run.path / "spec/openapi.yaml").exists()


def test_a_requirement_longer_than_policy_allows_is_refused(
    start_run: StartRun, make_repository: MakeRepository
) -> None:
    policy = Policy(limits=Limits(requirement_bytes=100))
    with pytest.raises(Refused, match="the policy allows 100"):
        spec(start_run(REQUIREMENT, make_repository({}), policy))


def test_a_missing_blueprint_is_a_configuration_error(
    start_run: StartRun, make_repository: MakeRepository, settings: Settings, tmp_path: Path
) -> None:
    repository = make_repository({})
    run = blueprint(spec(start_run(REQUIREMENT, repository)))
    job = replace(job_for(run, repository), settings=replace(settings, blueprints=tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="There is no blueprint"):
        recipe.perform(job)
