"""What package.json and its lock say: the runner behind a script, and what is to be installed."""

from __future__ import annotations

import json

import pytest

from tdev.core.npm_project import NpmProject, installed_by, is_pinned, locked_folders, npm_project


def project(script: object, **more: object) -> NpmProject:
    return npm_project(json.dumps({"scripts": {"test": script, "unit": "jest --ci", "deep": "npm run unit"}, **more}))


@pytest.mark.parametrize(
    ("script", "runner"),
    [
        ("jest", "jest"),
        ("jest --coverage src", "jest"),
        ("vitest run", "vitest"),
        ("mocha 'test/**/*.js'", "mocha"),
        ("./node_modules/.bin/_mocha", "mocha"),
        ("node_modules/.bin/jest", "jest"),
        ("NODE_ENV=test TZ=UTC jest", "jest"),
        ("cross-env NODE_ENV=test jest -i", "jest"),
        ("npx --no-install vitest", "vitest"),
        ("NODE_OPTIONS=--experimental-vm-modules npx jest", "jest"),
        ("node --experimental-vm-modules node_modules/jest/bin/jest.js", "jest"),
        ("nyc --reporter lcov mocha", "mocha"),
        ("eslint . && tsc --noEmit && jest", "jest"),
        ("node --test", "node --test"),
        ("node --import tsx --test test/", "node --test"),
        ("node --test || true", "node --test"),
        ("npm run unit", "jest"),
        ("npm run deep", "jest"),
        ("jest || true", ""),
        ("jest; true", ""),
        ("jest | tee log", ""),
        ("jest && echo done", ""),
        ("echo jest", ""),
        ("jest 'open", ""),
        ("ava", ""),
        ("npm run nothing", ""),
        ("npm run test", ""),
        ("NODE_ENV=test", ""),
    ],
)
def test_the_runner_is_that_of_the_last_command(script: str, runner: str) -> None:
    assert project(script).runner == runner


def test_each_script_between_takes_its_own_separator() -> None:
    assert [project(script).separators for script in ("jest", "npm run unit", "npm run deep")] == [1, 2, 3]


def test_a_script_that_waits_for_changes() -> None:
    assert all(project(script).watches for script in ("jest --watch", "jest --watchAll", "mocha -w"))
    scripts = ("jest", "jest -w 2", "jest --watch=false", "vitest --watch", "build --watch && jest")
    assert not any(project(script).watches for script in scripts)


@pytest.mark.parametrize(
    "text", ["", "[1", "[]", "{}", '{"scripts": []}', '{"scripts": {"test": 1}}', "[" * 100_000, '{"scripts": {}}']
)
def test_what_is_no_such_file_is_no_project(text: str) -> None:
    assert npm_project(text) == NpmProject()


def test_the_script_that_npm_writes_first_is_none() -> None:
    assert not project('echo "Error: no test specified" && exit 1').script


def test_the_packages_asked_for() -> None:
    assert project("jest", dependencies={"a": "1"}, devDependencies={"b": "1", "a": "1"}).asked == ("a", "b")
    assert project("jest", dependencies=["a"]).asked == ()


def lock(*folders: str, version: object = 3) -> str:
    return json.dumps({"lockfileVersion": version, "packages": {name: {} for name in ("", *folders)}})


def test_folders_that_a_lock_installs_for() -> None:
    assert locked_folders(lock("node_modules/a", "lib", "packages/b", "lib/node_modules/c")) == ("lib", "packages/b")
    assert locked_folders(lock()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        lock(version=1),
        lock(version="3"),
        '{"lockfileVersion": 3}',
        lock("../x"),
        lock("node_modules/../../x"),
        lock("/etc"),
        lock("a/../.."),
    ],
)
def test_what_is_no_usable_lock(text: str) -> None:
    assert locked_folders(text) is None


def test_what_decides_the_packages_is_told_apart() -> None:
    wanted = {"name": "x", "dependencies": {"a": "1"}, "bin": "x.js"}
    text = json.dumps({"scripts": {"test": "jest"}, "jest": {"bail": 1}, **wanted})
    assert json.loads(installed_by(text)) == wanted
    assert installed_by("[]") == "{}"


def test_a_lock_states_a_hash_of_all_that_is_fetched() -> None:
    def pinned(entry: object) -> bool:
        return is_pinned(json.dumps({"packages": {"": {}, "lib": {}, "node_modules/a": entry}}))

    sure: tuple[object, ...] = ({"integrity": "sha512-x"}, {"link": True}, {"inBundle": True})
    open_ended: tuple[object, ...] = ({}, {"integrity": ""}, [], {"resolved": "https://a.example/a"})
    assert all(map(pinned, sure)) and not any(map(pinned, open_ended))
