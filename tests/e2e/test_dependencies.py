from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import git
from support.osv_api import OsvApi, osv_api
from tdev.adapters.git import Git
from tdev.core.artifacts.finding import Severity, ToolReport
from tdev.gates.security.dependencies import UNREACHABLE
from tdev.settings import Settings
from tdev.tools import dependencies
from tdev.tools.osv import PUBLIC, osv_query_url
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e


@pytest.fixture
def api() -> Iterator[OsvApi]:
    with osv_api() as running:
        yield running


Audit = Callable[..., ToolReport]


@pytest.fixture
def audit(settings: Settings, make_repository: Callable[[Mapping[str, str | bytes]], Path], api: OsvApi) -> Audit:
    """A function that audits the change from some files to others."""

    def run(before: Mapping[str, str], after: Mapping[str, str], url: str = api.url) -> ToolReport:
        folder = make_repository(before)
        base = git(folder, "rev-parse", "HEAD")
        for path in before:
            (folder / path).unlink()
        for path, text in after.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "-m", "change")
        head = git(folder, "rev-parse", "HEAD")
        toolbox = Toolbox(replace(settings, osv_url=url))
        return dependencies.audit(toolbox, Git(folder, settings.child_environment), base, head, timeout=120)

    return run


def test_a_vulnerable_pin_is_an_error_that_names_the_fixed_version(audit: Audit) -> None:
    report = audit({"requirements.txt": "requests==2.19.1\n"}, {"requirements.txt": "requests==2.19.1\nPyYAML==5.3\n"})
    assert report.ok and report.examined == 1
    known = [finding for finding in report.findings if finding.rule != "needs-unknown"]
    assert {(finding.symbol, finding.line, finding.severity) for finding in known} == {("pyyaml", 2, Severity.ERROR)}
    assert {finding.remedy for finding in known} == {
        "Raise pyyaml to 5.3.1 or later.",
        "Raise pyyaml to 5.4 or later.",
    }
    assert any("CVE-2020-14343" in finding.message for finding in report.findings)


def test_what_the_base_had_is_not_asked_about(audit: Audit, api: OsvApi) -> None:
    report = audit({"requirements.txt": "PyYAML==5.3\n"}, {"requirements.txt": "# moved\nPyYAML==5.3\n"})
    assert (report.ok, report.examined, report.findings, api.asked) == (True, 0, (), [])
    assert report.reason == "no dependency changed between base and head (1 dependency files compared)"


def test_a_clean_pin_was_asked_about(audit: Audit, api: OsvApi) -> None:
    report = audit({}, {"requirements.txt": "PyYAML==6.0.2\n"})
    assert (report.ok, report.examined, report.findings) == (True, 1, ())
    assert api.asked == [("pyyaml", "6.0.2")]


def test_an_open_version_is_chosen_as_an_installer_would_and_what_it_needs_is_asked_too(
    audit: Audit, api: OsvApi
) -> None:
    report = audit({}, {"pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["jinja2>=3,<4"]\n'})
    assert report.ok, report.reason
    assert {name for name, _ in api.asked} == {"jinja2", "markupsafe"}


def test_an_open_version_that_leads_to_a_vulnerable_one(audit: Audit) -> None:
    report = audit({}, {"setup.cfg": "[options]\ninstall_requires =\n  requests<2.20\n"})
    assert report.ok, report.reason
    (finding,) = [finding for finding in report.findings if finding.symbol == "requests"]
    assert (finding.path, finding.line) == ("setup.cfg", 3)


def test_two_versions_of_one_package_are_both_asked_about(audit: Audit, api: OsvApi) -> None:
    report = audit({}, {"requirements.txt": "PyYAML==5.3\n", "dev-requirements.txt": "PyYAML==6.0.2\n"})
    assert report.ok and report.examined == 2
    assert set(api.asked) == {("pyyaml", "5.3"), ("pyyaml", "6.0.2")}


def test_no_fixed_version_is_said(audit: Audit) -> None:
    unknown, finding = audit({}, {"requirements.txt": "leftpadpy==1.0\n"}).findings
    assert (unknown.rule, unknown.severity) == ("needs-unknown", Severity.NOTE)
    assert "No version of leftpadpy with a fix is known" in finding.remedy


def test_addresses_and_indexes_of_their_own_are_warnings_without_credentials(audit: Audit) -> None:
    text = "tool @ git+https://u:hunter2@example.org/tool.git\n--extra-index-url https://u:hunter2@packages.example/simple\n"
    report = audit({}, {"requirements.txt": text})
    assert report.ok
    assert {finding.rule for finding in report.findings} == {"dependency-from-address", "foreign-index"}
    assert "hunter2" not in "".join(finding.message for finding in report.findings)


def test_an_answer_that_is_missing_is_no_evidence(audit: Audit, api: OsvApi) -> None:
    api.broken_for.add("pyyaml")
    report = audit({}, {"requirements.txt": "PyYAML==6.0.2\n"})
    assert not report.ok and report.reason


def test_a_version_that_does_not_exist_is_no_evidence(audit: Audit) -> None:
    report = audit({}, {"requirements.txt": "no-such-package-of-ours-at-all>=1\n"})
    assert not report.ok and "could be chosen" in report.reason


def test_a_file_that_can_not_be_read_is_no_evidence(audit: Audit) -> None:
    report = audit({}, {"pyproject.toml": "[project"})
    assert not report.ok and "pyproject.toml" in report.reason


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://no-such-host.invalid", "nonsense"])
def test_a_service_that_can_not_be_reached_is_said_soon(audit: Audit, url: str) -> None:
    started = time.monotonic()
    report = audit({}, {"requirements.txt": "PyYAML==6.0.2\n"}, url)
    assert time.monotonic() - started < 20
    assert not report.ok and report.reason.startswith(UNREACHABLE)


def test_a_service_that_never_answers_is_said_soon(audit: Audit) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        started = time.monotonic()
        report = audit({}, {"requirements.txt": "PyYAML==6.0.2\n"}, f"http://127.0.0.1:{server.getsockname()[1]}")
        assert time.monotonic() - started < 20
    assert not report.ok and report.reason.startswith(UNREACHABLE)


def test_vulnerable_pins_of_a_folder(settings: Settings, tmp_path: Path, api: OsvApi) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("# ours\nPyYAML==5.3\nrequests>=2\njinja2==3.1.6\nleftpadpy==1.0\n")
    found = dependencies.vulnerable_pins(Toolbox(replace(settings, osv_url=api.url)), project, 120)
    assert found.report.ok and found.report.examined == 3
    assert [(pin.package, pin.version, pin.path, pin.line, pin.fixed) for pin in found.pins] == [
        ("pyyaml", "5.3", "requirements.txt", 2, "5.4"),
        ("leftpadpy", "1.0", "requirements.txt", 5, ""),
    ]
    silent = dependencies.vulnerable_pins(Toolbox(replace(settings, osv_url="http://127.0.0.1:9")), project, 120)
    assert not silent.report.ok and silent.pins == ()


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("", PUBLIC),
        ("http://x.example", "http://x.example/v1/query"),
        ("http://x.example/", "http://x.example/v1/query"),
        ("http://x.example/osv/v1/query", "http://x.example/osv/v1/query"),
    ],
)
def test_the_address_of_the_service(settings: Settings, given: str, asked: str) -> None:
    assert osv_query_url(replace(settings, osv_url=given)) == asked


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("exit 0", "can't be read"),
        ('echo \'{"dependencies": [], "fixes": []}\'', "said nothing about pyyaml 6.0.2"),
        (
            'echo \'{"dependencies": [{"name": "pyyaml", "skip_reason": "not found"}], "fixes": []}\'',
            "could not look up pyyaml 6.0.2: not found",
        ),
        ('echo \'{"dependencies": [{"name": "pyyaml", "version": "6.0.2"}]}\'', "could not look up pyyaml"),
        ('echo \'{"dependencies": [{"name": "pyyaml", "version": "6.0.2", "vulns": []}]}\'; exit 3', "exit code 3"),
    ],
)
def test_a_program_that_lies_is_no_evidence(settings: Settings, audit: Audit, printed: str, said: str) -> None:
    (settings.home / "tools").unlink()
    folder = Toolbox(settings).environment("pip-audit")
    (folder / "bin").mkdir(parents=True)
    for name in (".tdev-ready", "bin/python"):
        (folder / name).touch()
    (folder / "bin" / "pip-audit").write_text(f"#!/bin/sh\n{printed}\n")
    (folder / "bin" / "pip-audit").chmod(0o755)
    report = audit({}, {"requirements.txt": "PyYAML==6.0.2\n"})
    assert not report.ok
    assert said in report.reason
