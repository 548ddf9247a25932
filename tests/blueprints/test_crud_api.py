"""The template crud-api on a specification made to break it: odd names, small ranges, markup in every text."""

from __future__ import annotations

import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from support.shared_state import share
from tdev.core.artifacts.spec import FieldType, Operation, Resource, Spec, SpecField
from tdev.core.crud_answers import answers_for
from tdev.core.openapi import document, operation_count
from tdev.core.requirement.check import check
from tdev.core.weakened_tests.syntax import test_file as facts_of
from tdev.settings import Settings
from tdev.tools import copier, python_environment
from tdev.tools.contract import contract_of
from tdev.tools.pytest import run_tests
from tdev.tools.service_probe import running_service
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e
EVIL = '""" + __import__("os").system("x") {{ 7*7 }} {% raw %} \\ </script> `x` @all ${A} <!-- x'
CHOICES = ("{{ 7*7 }}", "it's", 'say "hi"', "a\\b", "{% raw %}", "한국", "${X}", "x</script>")
ODD_NAMES = (
    *("limit", "offset", "session", "body", "client", "number", "count", "type", "items", "total", "date", "datetime"),
    *(
        "record",
        "path",
        "wrong",
        "missing",
        "value",
        "key",
        "page",
        "store",
        "table",
        "text",
        "line",
        "email",
        "select",
    ),
    *("order", "group", "user", "field", "literal", "response", "request", "cls", "url", "optional", "parsing"),
)


def field(name: str, kind: str, **facts: object) -> SpecField:
    return SpecField.model_validate({"name": name, "type": kind, **facts})


def resource(name: str, plural: str, *fields: SpecField, only: tuple[Operation, ...] = tuple(Operation)) -> Resource:
    return Resource(name=name, plural=plural, description=EVIL, fields=fields, operations=only)


TORTURE = Spec(
    title="Calendar",
    slug="calendar",
    summary=EVIL,
    resources=(
        resource(
            "Session",
            "sessions",
            *(field(name, "string", required=False, description=EVIL) for name in ODD_NAMES),
            field("parent", "reference", target="Session", required=False),
            field("choice", "enum", choices=CHOICES, description=EVIL),
        ),
        resource(
            "Router",
            "routers",
            field("u_string", "string", unique=True),
            field("u_integer", "integer", unique=True),
            field("u_number", "number", unique=True, required=False),
            field("u_date", "date", unique=True),
            field("u_datetime", "datetime", unique=True, required=False),
            field("u_email", "email", unique=True),
            field("code", "string", unique=True, minimum=2, maximum=2),
            field("small", "integer", unique=True, minimum=-3, maximum=30),
            field("only", "reference", target="Session", unique=True),
        ),
        resource("HTTPBase", "http-bases", field("flag", "boolean"), only=(Operation.LIST,)),
        resource(
            "VeryLongResourceNameThatGoesOnAndOnForeverAndEver",
            "very-long-resource-name-that-goes-on-and-on",
            field("a_very_long_field_name_that_nobody_would_want_to_type", "number", minimum=0.5, maximum=1.5),
            field("router", "reference", target="Router"),
            only=(Operation.CREATE, Operation.DELETE),
        ),
        resource("Data", "data", field("when", "date", required=False), only=(Operation.DELETE,)),
        resource(
            "Field",
            "fields",
            field("t", "text", minimum=3, maximum=5),
            field("e", "email", required=False),
            only=(Operation.READ, Operation.UPDATE),
        ),
    ),
)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory, shared_state: Path) -> Path:
    """The template rendered with the torture specification, for all tests here; not to be changed."""
    folder = tmp_path_factory.mktemp("rendered")
    share(shared_state, folder / "home")
    return _render(replace(Settings.from_environment({}), home=folder / "home"), TORTURE, folder / "service")


@pytest.fixture
def rendered(untouched: Path, tmp_path: Path) -> Path:
    """A copy of it that is the test's own."""
    return Path(shutil.copytree(untouched, tmp_path / "service"))


def _render(settings: Settings, spec: Spec, folder: Path) -> Path:
    copier.render(settings, "crud-api", folder, answers_for(spec, readme="README.md", workflow=True), 60)
    return folder


def test_the_specification_is_one_that_may_be_built() -> None:
    assert check(TORTURE) == ()
    assert {one.type for res in TORTURE.resources for one in res.fields} == set(FieldType)


def test_its_own_tests_pass_and_its_contract_holds(rendered: Path, settings: Settings, tmp_path: Path) -> None:
    environment = python_environment.ensure(settings, rendered, tmp_path / "environment", 300)
    run = run_tests(environment, rendered, settings, 120)
    assert (run.ok, run.reason, dict(run.failures)) == (True, "", {})
    assert len(run.outcomes) > 200
    covered, missing = (sum(map(len, lines.values())) for lines in (run.covered_lines, run.missing_lines))
    assert covered / (covered + missing) > 0.95
    assert "tests/test_stateful_api.py::test_records_in_any_order" in run.passed

    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump(document(TORTURE), sort_keys=False, allow_unicode=True), "utf-8")
    with running_service(settings, environment, rendered, TORTURE) as base_url:
        report = contract_of(Toolbox(settings), file, base_url, operation_count(TORTURE), 120)
    assert (report.ok, report.reason, report.findings) == (True, "", ())
    assert report.examined == 17


def test_its_own_tests_notice_a_change_that_is_not_kept(settings: Settings, tmp_path: Path) -> None:
    note = resource("Note", "notes", field("title", "string", unique=True))
    service = _render(settings, Spec(title="Notes", slug="notes", summary="Notes.", resources=(note,)), tmp_path / "s")
    store = service / "src/notes/store.py"
    whole, change = store.read_text("utf-8"), "        setattr(record, name, value)\n    commit(session)\n"
    assert change in whole
    store.write_text(whole.replace(change, change.partition("    commit")[0]), "utf-8")
    environment = python_environment.ensure(settings, service, tmp_path / "environment", 300)
    broken = run_tests(environment, service, settings, 120, coverage=False, paths=("tests/test_stateful_api.py",))
    assert broken.ok and not broken.passed and "state.change(" in "".join(broken.failures.values())


def test_no_text_of_the_requirement_becomes_code_or_markup(rendered: Path) -> None:
    code = "\n".join(file.read_text("utf-8") for file in rendered.rglob("*.py"))
    assert '__import__("os")' not in code
    assert "49" not in (rendered / "src/calendar_service/schemas/session.py").read_text("utf-8")
    assert '"{{ 7*7 }}"' in code
    readme = (rendered / "README.md").read_text("utf-8")
    assert "</script>" not in readme.split("## Use")[0].replace("\\</script", "")
    assert tomllib.loads((rendered / "pyproject.toml").read_text("utf-8"))["project"]["name"] == "calendar"


def test_the_code_is_clean_documented_and_easy_to_maintain(rendered: Path, settings: Settings) -> None:
    toolbox = Toolbox(settings)
    toolbox.run("ruff", "check", "--no-cache", "--select", "I,F401", "--fix", "src", "tests", cwd=rendered, timeout=60)
    toolbox.run("ruff", "format", "--no-cache", "src", "tests", cwd=rendered, timeout=60)
    done = toolbox.run("ruff", "check", "--no-cache", ".", cwd=rendered, timeout=60)
    assert done.stdout.strip() == "All checks passed!"
    found = json.loads(toolbox.run("radon", "mi", "--json", "src", cwd=rendered, timeout=60).stdout)
    assert len(found) > 20
    assert min(item["mi"] for item in found.values()) >= 65


def test_the_patch_guard_takes_its_tests_for_tests(rendered: Path) -> None:
    """The state machine was said to assert nothing, and no service could be built."""
    files = {file.name: facts_of(file.read_text("utf-8")) for file in (rendered / "tests").glob("test_*.py")}
    tests = [test for facts in files.values() if facts for test in facts.tests.values()]
    assert all(files.values()) and len(tests) > 40
    assert {test.name: test.vacuous for test in tests if test.vacuous} == {}


def test_outside_its_container_the_service_listens_on_loopback_only(rendered: Path) -> None:
    settings_file = (rendered / "src/calendar_service/settings.py").read_text("utf-8")
    assert 'host: str = "127.0.0.1"' in settings_file
    assert "0.0.0.0" not in "".join(file.read_text("utf-8") for file in rendered.rglob("*.py"))
    assert "\nUSER 10001\n" in (rendered / "Dockerfile").read_text("utf-8")


def test_the_template_runs_nothing_while_it_is_rendered() -> None:
    config = yaml.safe_load((Path(__file__).parents[2] / "blueprints/crud-api/copier.yml").read_text("utf-8"))
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & config.keys()
