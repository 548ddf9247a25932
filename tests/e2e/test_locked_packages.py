"""Vulnerable packages in locks of npm, Go and Cargo, looked up at a vulnerability service on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from conftest import git
from support.osv_api import OsvApi, osv_api, record
from tdev.adapters.git import Git
from tdev.core.artifacts.finding import Severity, ToolReport
from tdev.gates.security.dependencies import UNREACHABLE
from tdev.settings import Settings
from tdev.tools import dependencies
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e
RECORDS = (
    record("GHSA-35jh-r3h4-6jhm", "lodash", "4.17.21", "Command injection in lodash", ("CVE-2021-23337",), "npm"),
    record("GHSA-29mw-wpgm-hmr9", "lodash", "4.17.21", "Regular expressions take long", ("CVE-2020-28500",), "npm"),
    record("GO-2023-1988", "golang.org/x/net", "0.13.0", "XSS in x/net/html", ("CVE-2023-3978", "GHSA-2wrh"), "Go"),
    record("GHSA-2wrh", "golang.org/x/net", "0.13.0", "XSS in x/net/html", ("CVE-2023-3978",), "Go"),
    record("RUSTSEC-2021-0003", "smallvec", "1.6.1", "Overflow in insert_many", ("CVE-2021-25900",), "crates.io"),
    record("MAL-2024-0001", "lodahs", "", "Malicious code in lodahs", (), "npm"),
)
CARGO = (
    'version = 3\n\n[[package]]\nname = "smallvec"\nversion = "{}"\n'
    'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
)
Audit = Callable[..., ToolReport]


def npm_lock(registry: str = "", **versions: str) -> str:
    packages = {
        f"node_modules/{name}": {
            "version": version,
            **({"resolved": f"{registry}/{name}/-/{name}-{version}.tgz"} if registry else {}),
        }
        for name, version in versions.items()
    }
    return json.dumps({"name": "x", "lockfileVersion": 3, "packages": packages}, indent=2)


@pytest.fixture
def api() -> Iterator[OsvApi]:
    with osv_api(RECORDS) as running:
        yield running


@pytest.fixture
def audit(settings: Settings, make_repository: Callable[[Mapping[str, str | bytes]], Path], api: OsvApi) -> Audit:
    """A function that audits the change from some files to others."""

    def run(before: Mapping[str, str], after: Mapping[str, str], url: str = api.url) -> ToolReport:
        folder = make_repository({"README.md": "x", **before})
        base = git(folder, "rev-parse", "HEAD")
        for path, text in after.items():
            (folder / path).write_text(text)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "-m", "change")
        source = Git(folder, settings.child_environment)
        toolbox = Toolbox(replace(settings, osv_url=url))
        return dependencies.audit(toolbox, source, base, git(folder, "rev-parse", "HEAD"), timeout=60)

    return run


@pytest.mark.parametrize(
    ("path", "text", "rules", "remedy"),
    [
        (
            "package-lock.json",
            npm_lock(lodash="4.17.20"),
            ["GHSA-29mw-wpgm-hmr9", "GHSA-35jh-r3h4-6jhm"],
            "Raise lodash to 4.17.21 or later.",
        ),
        (
            "go.mod",
            "module x\n\ngo 1.21\n\nrequire golang.org/x/net v0.10.0\n",
            ["GHSA-2wrh"],
            "Raise golang.org/x/net to 0.13.0 or later.",
        ),
        ("Cargo.lock", CARGO.format("1.6.0"), ["RUSTSEC-2021-0003"], "Raise smallvec to 1.6.1 or later."),
        (
            "package-lock.json",
            npm_lock(lodahs="1.0.0"),
            ["MAL-2024-0001"],
            "No version of lodahs with a fix is known; use another package.",
        ),
    ],
)
def test_a_vulnerable_lock_is_an_error_that_names_the_fix(
    audit: Audit, path: str, text: str, rules: list[str], remedy: str
) -> None:
    report = audit({}, {path: text})
    assert report.ok and report.examined == 1
    assert sorted(finding.rule for finding in report.findings) == rules
    assert {(finding.severity, finding.path, finding.remedy) for finding in report.findings} == {
        (Severity.ERROR, path, remedy)
    }
    assert all(finding.line > 0 for finding in report.findings)


def test_records_of_two_databases_about_one_hole_are_one_finding(audit: Audit) -> None:
    (finding,) = audit({}, {"go.mod": "module x\n\ngo 1.21\n\nrequire golang.org/x/net v0.12.0\n"}).findings
    assert "CVE-2023-3978" in finding.message


def test_clean_locks_were_asked_about(audit: Audit, api: OsvApi) -> None:
    report = audit({}, {"package-lock.json": npm_lock(lodash="4.17.21"), "Cargo.lock": CARGO.format("1.6.1")})
    assert (report.ok, report.examined, report.findings) == (True, 2, ())
    assert set(api.asked) == {("lodash", "4.17.21"), ("smallvec", "1.6.1")}


def test_what_the_base_locked_is_not_asked_about(audit: Audit, api: OsvApi) -> None:
    before = {"package-lock.json": npm_lock(lodash="4.17.20")}
    report = audit(before, {"package-lock.json": npm_lock(lodash="4.17.20", left="1.0.0")})
    assert report.ok and report.findings == () and set(api.asked) == {("left", "1.0.0")}
    report = audit(before, {"README.md": "y"})
    assert report.ok and report.examined == 0
    assert "no lock adds a package between base and head (1 lock files compared)" in report.reason


def test_every_page_of_an_answer_is_read(audit: Audit, api: OsvApi) -> None:
    api.page = 1
    report = audit({}, {"package-lock.json": npm_lock(clean="1.0.0", lodash="4.17.20")})
    assert report.ok and len(report.findings) == 2


def test_python_and_npm_are_one_report(audit: Audit, api: OsvApi) -> None:
    api.records = (*RECORDS, record("GHSA-8q59-q68h-6hv4", "pyyaml", "5.4", "FullLoader runs code"))
    report = audit({}, {"uv.lock": PYTHON, "package-lock.json": npm_lock(lodash="4.17.20")})
    assert report.ok and report.examined == 2
    assert {finding.symbol for finding in report.findings if finding.severity is Severity.ERROR} == {"pyyaml", "lodash"}


PYTHON = (
    'version = 1\n\n[[package]]\nname = "pyyaml"\nversion = "5.3"\nsource = { registry = "https://packages.example" }\n'
)


REGISTRY = "https://registry.example"


def test_another_address_than_the_registry_s_stops(audit: Audit) -> None:
    before = {"package-lock.json": npm_lock(REGISTRY, lodash="4.17.21")}
    both = npm_lock(REGISTRY, lodash="4.17.21", left="1.0.0")
    assert audit(before, {"package-lock.json": both}).findings == ()
    report = audit(before, {"package-lock.json": both.replace(f"{REGISTRY}/left", "https://u:p@evil.example/left")})
    assert [(finding.rule, finding.severity) for finding in report.findings] == [("foreign-index", Severity.WARNING)]
    assert "https://evil.example" in report.findings[0].message and "u:p" not in report.findings[0].message
    report = audit(before, {"package-lock.json": both.replace("left-1.0.0.tgz", "lodash-4.17.20.tgz")})
    assert [finding.rule for finding in report.findings] == ["dependency-from-address"]


def test_the_registry_of_the_first_lock_is_a_note(audit: Audit) -> None:
    (finding,) = audit({}, {"package-lock.json": npm_lock(REGISTRY, lodash="4.17.21")}).findings
    assert (finding.rule, finding.severity) == ("foreign-index", Severity.NOTE) and REGISTRY in finding.message


def test_what_no_lock_names_stops(audit: Audit, api: OsvApi) -> None:
    manifest = '{"dependencies": {"lodash": "^4"}}'
    report = audit({}, {"package.json": manifest})
    assert report.ok and report.examined == 1 and api.asked == []
    assert [(finding.rule, finding.severity) for finding in report.findings] == [
        ("unlocked-dependency", Severity.WARNING)
    ]
    report = audit({}, {"package.json": manifest, "package-lock.json": npm_lock(lodash="4.17.21")})
    assert report.ok and report.findings == ()
    report = audit({"package.json": manifest}, {"README.md": "y"})
    assert report.ok and report.findings == () and report.examined == 0


def test_an_answer_that_is_missing_is_no_evidence(audit: Audit, api: OsvApi) -> None:
    api.broken_for.add("clean")
    report = audit({}, {"package-lock.json": npm_lock(clean="1.0.0")})
    assert not report.ok and "status 500" in report.reason and not report.reason.startswith(UNREACHABLE)


def test_a_service_that_can_not_be_reached_may_be_waived_and_nothing_else(audit: Audit) -> None:
    lock = {"package-lock.json": npm_lock(clean="1.0.0")}
    report = audit({}, lock, "http://127.0.0.1:9")
    assert not report.ok and report.reason.startswith(UNREACHABLE)
    report = audit({}, {**lock, "pyproject.toml": "[project"}, "http://127.0.0.1:9")
    assert not report.ok and UNREACHABLE in report.reason and not report.reason.startswith(UNREACHABLE)


def test_a_lock_that_can_not_be_read_is_no_evidence(audit: Audit) -> None:
    report = audit({}, {"package-lock.json": "{", "Cargo.lock": CARGO.format("1.6.1")})
    assert not report.ok and report.reason.startswith("package-lock.json can't be read")


@contextmanager
def service(answers: Mapping[str, tuple[int, object]]) -> Iterator[str]:
    """A service that says the same whatever it is asked, by path."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.do_GET()

        def do_GET(self) -> None:
            status, document = answers.get(self.path, (400, {}))
            data = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


BATCH, VULN = "/v1/querybatch", "/v1/vulns/GHSA-x"
FOUND = (200, {"results": [{"vulns": [{"id": "GHSA-x", "modified": "2024-01-01T00:00:00Z"}]}]})


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "status 400"),
        ({BATCH: (200, b"")}, "not of its form"),
        ({BATCH: (200, {})}, "not of its form"),
        ({BATCH: (200, {"results": []})}, "1 packages were asked about, 0 were answered"),
        ({BATCH: (200, {"results": [{}, {}]})}, "1 packages were asked about, 2 were answered"),
        ({BATCH: (200, {"results": [{"code": 3, "message": "bad"}]})}, "could not be looked up"),
        ({BATCH: (200, {"results": [{"next_page_token": "1"}]})}, "has no end"),
        ({BATCH: (302, {"results": [{}]})}, "status 302"),
        ({BATCH: FOUND}, "status 400"),
        ({BATCH: FOUND, VULN: (200, {"id": "GHSA-y"})}, "GHSA-x was asked for"),
        ({BATCH: FOUND, VULN: (200, {"id": "GHSA-x", "affected": [{"ranges": [{"events": [1]}]}]})}, "not of its form"),
    ],
)
def test_a_service_that_lies_is_no_evidence(audit: Audit, answers: Mapping[str, tuple[int, object]], said: str) -> None:
    with service(answers) as url:
        report = audit({}, {"package-lock.json": npm_lock(clean="1.0.0")}, url)
    assert not report.ok
    assert said in report.reason
