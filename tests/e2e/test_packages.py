"""Licences and newcomers, asked of a package index on loopback by the real installer and our own client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import git
from support.package_index import PackageIndex, package_index
from tdev.adapters.git import Git
from tdev.core.artifacts.finding import Severity, ToolReport
from tdev.gates.security.new_dependencies import UNREACHABLE
from tdev.policy.security_gate import Licences, SecurityGate
from tdev.settings import Settings
from tdev.tools import packages

pytestmark = pytest.mark.e2e
Look = Callable[..., ToolReport]
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
HOME = "Project-URL: Source, https://git.example.org/somebody/it"
MIT = ("License-Expression: MIT", HOME)


def project(*requirements: str, licence: str = "MIT") -> dict[str, str]:
    """A pyproject.toml; the requirements stand in line 5."""
    listed = ", ".join(f'"{each}"' for each in requirements)
    text = f'[project]\nname = "x"\nversion = "1"\nlicense = "{licence}"\ndependencies = [{listed}]\n'
    return {"pyproject.toml": text}


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    with package_index() as running:
        yield running


@pytest.fixture
def look(settings: Settings, make_repository: Callable[[Mapping[str, str | bytes]], Path], index: PackageIndex) -> Look:
    """A function that looks at the change from some files to others."""

    def run(
        before: Mapping[str, str], after: Mapping[str, str], rules: SecurityGate | None = None, url: str = ""
    ) -> ToolReport:
        folder = make_repository(before)
        base = git(folder, "rev-parse", "HEAD")
        for path, text in after.items():
            (folder / path).write_text(text)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "-m", "change")
        own = {"UV_DEFAULT_INDEX": url or index.url, "UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}
        here = replace(settings, installer_environment=own)
        source = Git(folder, settings.child_environment)
        head = git(folder, "rev-parse", "HEAD")
        return packages.look(here, source, base, head, rules or SecurityGate(), NOW, timeout=60)

    return run


def rules_of(report: ToolReport) -> list[tuple[str, str, Severity]]:
    return [(finding.tool, finding.rule, finding.severity) for finding in report.findings]


@pytest.mark.parametrize("beside", [True, False])
def test_a_licence_that_is_denied_blocks_at_the_line_that_brings_it(
    look: Look, index: PackageIndex, beside: bool
) -> None:
    index.add("copyleft", "1.0", "License: GPLv3", HOME, beside=beside)
    report = look(project(), project("copyleft"))
    assert report.ok and report.examined == 1
    (found,) = report.findings
    assert (found.tool, found.rule, found.severity) == ("licences", "licence-denied", Severity.ERROR)
    assert (found.path, found.line, found.symbol) == ("pyproject.toml", 5, "copyleft")
    assert "GPL-3.0-or-later" in found.message


@pytest.mark.parametrize("asked", ["outer", "outer==1.0"])
def test_a_licence_two_steps_away_counts(look: Look, index: PackageIndex, asked: str) -> None:
    index.add("outer", "1.0", *MIT, "Requires-Dist: middle")
    index.add("middle", "1.0", *MIT, "Requires-Dist: inner>=2")
    index.add("inner", "2.0", "License-Expression: AGPL-3.0-only", HOME)
    report = look(project(), project(asked))
    assert report.examined == 3
    (found,) = report.findings
    assert found.rule == "licence-denied" and "inner 2.0 (needed by outer)" in found.message


def test_what_the_base_has_is_not_held_against_the_change(look: Look, index: PackageIndex) -> None:
    index.add("outer", "1.0", *MIT, "Requires-Dist: inner")
    index.add("outer", "2.0", *MIT, "Requires-Dist: inner")
    index.add("inner", "1.0", "License-Expression: GPL-2.0-only", HOME)
    assert look(project("outer>=1"), project("outer>=2")).findings == ()
    assert look(project("inner"), project("inner>=1")).findings == ()
    assert [found.rule for found in look(project(), project("outer>=2")).findings] == ["licence-denied"]


def test_a_repository_under_the_gpl_may_use_gpl_packages(look: Look, index: PackageIndex) -> None:
    index.add("copyleft", "1.0", "License-Expression: GPL-3.0-only", HOME)
    own = "GPL-3.0-or-later"
    assert look(project(licence=own), project("copyleft", licence=own)).findings == ()
    relabelled = look(project(), project("copyleft", licence=own))
    assert [found.rule for found in relabelled.findings] == ["licence-denied"]


def test_a_choice_an_exemption_and_a_licence_that_is_not_told(look: Look, index: PackageIndex) -> None:
    index.add("choice", "1.0", "License-Expression: GPL-2.0-only OR MIT", HOME)
    index.add("silent", "1.0", HOME)
    after = project("choice", "silent")
    assert rules_of(look(project(), after)) == [("licences", "licence-unknown", Severity.NOTE)]
    strict = SecurityGate(licences=Licences(unknown=Severity.ERROR))
    assert rules_of(look(project(), after, strict)) == [("licences", "licence-unknown", Severity.ERROR)]
    exempt = SecurityGate(licences=Licences(unknown=Severity.ERROR, exempt=("silent",)))
    assert look(project(), after, exempt).findings == ()


def test_a_name_nearly_that_of_a_popular_package(look: Look, index: PackageIndex) -> None:
    index.add("reqeusts", "1.0", *MIT, uploaded="2026-05-01T00:00:00Z")
    found = look(project(), project("reqeusts")).findings
    assert [(each.rule, each.severity) for each in found] == [("lookalike-name", Severity.ERROR)]
    assert "requests is the well-known package" in found[0].remedy


def test_a_lookalike_that_has_been_there_for_long_is_a_remark(look: Look, index: PackageIndex) -> None:
    index.add("reqeusts", "1.0", *MIT)
    found = look(project(), project("reqeusts==1.0")).findings
    assert [(each.rule, each.severity) for each in found] == [("lookalike-name", Severity.NOTE)]


def test_a_name_that_nobody_wrote_is_a_remark(look: Look, index: PackageIndex) -> None:
    index.add("outer", "1.0", *MIT, "Requires-Dist: reqeusts")
    index.add("reqeusts", "1.0", "License-Expression: MIT", uploaded="2026-05-01T00:00:00Z")
    wanted = [("lookalike-name", Severity.NOTE), ("no-source", Severity.NOTE)]
    assert [(each.rule, each.severity) for each in look(project(), project("outer")).findings] == wanted
    lock = {"requirements.lock": "reqeusts==1.0\n"}
    assert [(each.rule, each.severity) for each in look(project(), lock).findings] == wanted


def test_a_name_that_no_index_has(look: Look) -> None:
    report = look(project(), project("reqeusts==1.0"))
    assert sorted(rule for _, rule, _ in rules_of(report)) == ["lookalike-name", "not-on-index"]
    report = look(project(), project("reqeusts"))
    assert not report.ok and "no versions could be chosen" in report.reason
    assert rules_of(report) == [("new-dependencies", "lookalike-name", Severity.ERROR)]


def test_projects_and_releases_that_are_young(look: Look, index: PackageIndex) -> None:
    index.add("freshproject", "1.0", *MIT, uploaded="2026-06-01T00:00:00.000001Z")
    index.add("oldproject", "1.0", *MIT)
    index.add("oldproject", "2.0", *MIT, uploaded="2026-06-14T00:00:00Z")
    found = look(project(), project("freshproject", "oldproject==2.0")).findings
    assert {(each.symbol, each.rule, each.severity) for each in found} == {
        ("freshproject", "young-project", Severity.WARNING),
        ("oldproject", "young-release", Severity.WARNING),
    }
    assert look(project("oldproject"), project("oldproject>=1")).findings[0].severity is Severity.NOTE


def test_an_index_that_gives_no_days_is_only_told(look: Look, index: PackageIndex) -> None:
    index.add("ageless", "1.0", *MIT, uploaded="")
    assert rules_of(look(project(), project("ageless"))) == [("new-dependencies", "age-unknown", Severity.NOTE)]


def test_what_runs_code_at_its_installation_was_taken_back_or_names_no_source(look: Look, index: PackageIndex) -> None:
    index.add("fromsource", "1.0", *MIT, source_only=True)
    index.add("takenback", "1.0", *MIT, yanked=True)
    index.add("nowhere", "1.0", "License-Expression: MIT", "Home-page: UNKNOWN")
    found = look(project(), project("fromsource==1.0", "takenback==1.0", "nowhere")).findings
    assert {(each.symbol, each.rule, each.severity) for each in found} == {
        ("fromsource", "runs-at-install", Severity.WARNING),
        ("takenback", "yanked", Severity.WARNING),
        ("nowhere", "no-source", Severity.WARNING),
    }


def test_no_changed_dependency_asks_nobody(look: Look, index: PackageIndex) -> None:
    report = look(project("outer"), {"notes.txt": "nothing\n"})
    assert (report.ok, report.examined, report.findings, index.asked) == (True, 0, (), [])
    assert report.reason.startswith("no dependency changed")


@pytest.mark.parametrize("status", [403, 500])
def test_an_index_that_answers_with_an_error_is_no_evidence(look: Look, index: PackageIndex, status: int) -> None:
    index.add("anything", "1.0", *MIT)
    index.status = status
    report = look(project(), project("anything==1.0"))
    assert not report.ok and report.examined == 0
    assert report.reason == f"{UNREACHABLE}: 127.0.0.1 answered with status {status}"


def test_an_index_that_is_not_there_is_no_evidence(look: Look) -> None:
    report = look(project(), project("reqeusts==1.0"), url="http://127.0.0.1:9/simple")
    assert not report.ok and report.reason.startswith(UNREACHABLE)
    assert rules_of(report) == [("new-dependencies", "lookalike-name", Severity.ERROR)]


def test_an_index_that_is_a_folder_is_no_evidence(look: Look, tmp_path: Path) -> None:
    report = look(project(), project("anything==1.0"), url=str(tmp_path))
    assert not report.ok and report.reason.startswith(f"{UNREACHABLE}: this machine's index is a folder")


def test_a_page_that_is_none_is_no_evidence(look: Look, index: PackageIndex) -> None:
    index.add("anything", "1.0", *MIT)
    index.rows["anything"] = "nothing"  # type: ignore[assignment]
    report = look(project(), project("anything==1.0"))
    assert not report.ok and "page of anything can't be read" in report.reason
