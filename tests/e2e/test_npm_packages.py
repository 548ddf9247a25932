"""Packages of npm for a project's tests, from a registry on loopback: what is installed, and what can't have a say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from support.command import git
from support.npm_registry import entry, lock, registry, tarball
from tdev.core.artifacts import Evaluation, Verdict
from tdev.core.artifacts.verdict import Outcome
from tdev.errors import TransientError
from tdev.policy.sandbox import USUAL_LIMITS
from tdev.settings import Settings
from tdev.stages.judge_head import judge_head, open_judgement
from tdev.tools import npm, npm_packages

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="Node.js is not installed"),
]
SCRIPTS = {"postinstall": "touch ran", "install": "touch ran", "prepare": "touch ran"}
ANSWER = tarball(
    {
        "package.json": json.dumps({"name": "answer", "version": "1.0.0", "scripts": SCRIPTS}),
        "index.js": "module.exports = 42;\n",
    }
)
VERSIONS = json.dumps({"name": "answer", "versions": {"1.0.0": {"name": "answer", "version": "1.0.0"}}}).encode()
PATH = "answer/-/answer-1.0.0.tgz"
TEST = "require('node:test')('is', () => require('node:assert').equal(require('{}'), 42));\n"
Make = Callable[..., Path]


@dataclass
class Place:
    """A project, and the machine it is on."""

    settings: Settings
    project: Path
    url: str
    asked: list[str]

    def write(self, wanted: dict[str, str], text: str, test: str = "answer", **scripts: str) -> None:
        package = {"name": "x", "version": "1.0.0", "scripts": {"test": "node --test", **scripts}}
        (self.project / "package.json").write_text(json.dumps({**package, "dependencies": wanted}))
        (self.project / "package-lock.json").write_text(text)
        (self.project / "a.test.js").write_text(TEST.format(test))

    def write_usual(self, **more: str) -> None:
        """What is installed right, or with other entries in the lock."""
        found = {**entry(self.url + PATH, ANSWER), **more}
        self.write({"answer": "1.0.0"}, lock({"answer": "1.0.0"}, {"node_modules/answer": found}))

    def install(self) -> None:
        npm_packages.ensure(self.settings, self.project, 60.0)

    def passes(self) -> bool:
        done = npm.run_npm_tests(self.project, self.settings, 60.0, USUAL_LIMITS)
        assert done.ok, done.reason
        return set(done.passed) == {"a.test.js::is"}


@pytest.fixture
def place(settings: Settings, tmp_path: Path) -> Iterator[Place]:
    project = tmp_path / "checkout"
    project.mkdir()
    with registry(tmp_path / "registry", {PATH: ANSWER, "answer/index.html": VERSIONS}) as (url, asked):
        machine = {"NPM_CONFIG_REGISTRY": url, "NPM_CONFIG_CACHE": str(tmp_path / "npm-cache")}
        own = replace(settings, installer_environment=machine, user_home=tmp_path, home=tmp_path / "state")
        yield Place(own, project, url, asked)


def test_what_the_lock_names_is_there_and_no_script_has_run(place: Place) -> None:
    place.write_usual()
    assert npm.why_not(place.project) == ""
    place.install()
    assert place.asked == [f"/{PATH}"]
    assert place.passes()
    assert not list(place.project.rglob("ran"))


def test_what_was_installed_is_kept_by_the_lock(place: Place) -> None:
    place.write_usual()
    place.install()
    shutil.rmtree(place.project / "node_modules")
    shutil.rmtree(place.settings.user_home / "npm-cache")  # type: ignore[operator]
    place.write_usual()
    place.install()
    assert place.asked == [f"/{PATH}"]
    assert place.passes()


def test_what_stood_there_before_is_gone(place: Place) -> None:
    place.write_usual()
    (place.project / "node_modules" / "answer").mkdir(parents=True)
    (place.project / "node_modules" / "answer" / "index.js").write_text("module.exports = 1;\n")
    (place.project / "node_modules" / "more").write_text("")
    place.install()
    assert place.passes()
    assert not (place.project / "node_modules" / "more").exists()


def test_settings_of_the_repository_have_no_say(place: Place) -> None:
    program = place.project / "program.sh"
    program.write_text("#!/bin/sh\ntouch ran\n")
    program.chmod(0o755)
    told = f"registry=http://127.0.0.1:9/\nignore-scripts=false\ngit={program}\nscript-shell={program}\n"
    (place.project / ".npmrc").write_text(f"{told}legacy-peer-deps = true\n")
    place.write_usual()
    place.install()
    assert (place.project / "node_modules" / "answer" / "index.js").is_file()
    assert not list(place.project.rglob("ran"))


def test_a_package_from_a_folder_is_linked(place: Place) -> None:
    (place.project / "lib").mkdir()
    package = {"name": "lib", "version": "1.0.0", "scripts": SCRIPTS, "dependencies": {"answer": "1.0.0"}}
    (place.project / "lib" / "package.json").write_text(json.dumps(package))
    (place.project / "lib" / "index.js").write_text("module.exports = require('answer');\n")
    found = {
        "lib": {"version": "1.0.0", "dependencies": {"answer": "1.0.0"}},
        "lib/node_modules/answer": entry(place.url + PATH, ANSWER),
        "node_modules/lib": {"resolved": "lib", "link": True},
    }
    place.write({"lib": "file:lib"}, lock({"lib": "file:lib"}, found), "lib")
    place.install()
    assert (place.project / "node_modules" / "lib").resolve() == (place.project / "lib").resolve()
    assert place.passes()
    assert not list(place.project.rglob("ran"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"integrity": entry("", b"other")["integrity"]}, "EINTEGRITY"),
        ({"resolved": "http://127.0.0.1:9/answer.tgz"}, "could not be installed"),
        ({"version": "2.0.0"}, "in sync"),
    ],
    ids=["other content", "another host", "not what is asked for"],
)
def test_what_can_not_be_installed_is_an_error(changed: dict[str, str], said: str, place: Place) -> None:
    place.write_usual(**changed)
    with pytest.raises(TransientError, match=said) as error:
        place.install()
    assert "npm ci --ignore-scripts" in str(error.value)
    assert not (place.project / "node_modules").exists()


def test_without_a_lock_nothing_is_installed_and_that_is_told(place: Place) -> None:
    place.write({"answer": "1.0.0"}, '{"lockfileVersion": 1, "dependencies": {}}')
    place.install()
    assert "not installed (answer), as no package-lock.json" in (npm.why_not(place.project) or "")
    assert not place.asked and not (place.project / "node_modules").exists()


def test_a_change_whose_packages_can_not_be_installed_is_stopped(
    place: Place, settings: Settings, make_repository: Make
) -> None:
    place.write_usual()
    repository = make_repository({file.name: file.read_bytes() for file in place.project.iterdir()})
    lock = repository / "package-lock.json"
    lock.write_text(lock.read_text().replace('"version": "1.0.0", "resolved"', '"version": "2.0.0", "resolved"'))
    git(repository, "commit", "--quiet", "--all", "-m", "change")
    machine = {**settings.installer_environment, **place.settings.installer_environment}
    run = open_judgement(replace(settings, installer_environment=machine), repository)
    judge_head(run, ("tests",))
    assert run.read(Evaluation).before.tests.passed == {"a.test.js::is"}
    (gate,) = run.read(Verdict).children
    ran = next(child for child in gate.children if child.name == "tests-ran")
    assert (gate.outcome, ran.outcome) == (Outcome.ERROR, Outcome.ERROR)
    assert "packages of npm for the project's tests could not be installed" in ran.reason


def test_a_link_does_not_lead_out_of_the_checkout(place: Place, tmp_path: Path) -> None:
    clone, outside = place.settings.work / "clone", tmp_path / "outside"
    (clone / ".git").mkdir(parents=True)
    place.write_usual()
    place.project.rename(outside)
    (outside / "node_modules").mkdir()
    (clone / "sub").symlink_to(outside)
    npm_packages.ensure(place.settings, clone / "sub", 60.0)
    done = npm.run_npm_tests(clone / "sub", place.settings, 60.0, USUAL_LIMITS)
    assert (done.ok, done.reason) == (False, "npm test was not run: a link leads out of the checkout")
    assert not place.asked and not list((outside / "node_modules").iterdir())
