"""Manifests of npm and Cargo: what is new, and named by no lock."""

from __future__ import annotations

import json

from tdev.core.locks import Locked, Package, asked_by, unlocked


def test_package_json() -> None:
    text = json.dumps(
        {
            "dependencies": {"lodash": "^4", "old": "npm:@a/real@1.x", "own": "workspace:*", "near": "file:../near"},
            "devDependencies": {"jest": "29.0.0"},
            "peerDependencies": {"react": "*"},
        },
        indent=2,
    )
    files = {"web/package.json": text}
    found = asked_by(files, files.__getitem__)
    assert [each[:3] for each in found] == [
        ("npm", "lodash", "^4"),
        ("npm", "@a/real", "1.x"),
        ("npm", "jest", "29.0.0"),
    ]
    assert (found[0].path, found[0].line) == ("web/package.json", 3)


def test_cargo_toml() -> None:
    text = (
        '[dependencies]\nserde = "1"\nours = {path = "../ours"}\nshared.workspace = true\n'
        'renamed = {package = "real", version = "2"}\n'
        '[target.\'cfg(unix)\'.dev-dependencies]\nnix = "0.27"\n[workspace.dependencies]\nlog = "0.4"\n'
    )
    files = {"Cargo.toml": text}
    found = asked_by(files, files.__getitem__)
    assert {each.name for each in found} == {"serde", "real", "nix", "log"}
    assert found[0].line == 2


def test_a_manifest_that_can_not_be_read_is_told_when_it_changed() -> None:
    files = {"package.json": "{", "a/package.json": "[]", "b/package.json": "[" * 100_000, "Cargo.toml": "[x"}
    found = asked_by(files, files.__getitem__)
    assert {(each.path, each.name) for each in found} == {(path, "") for path in files}
    assert len(unlocked((), found, {})) == 4 and unlocked(found, found, {}) == ()


def test_a_mark_of_byte_order_hides_nothing() -> None:
    files = {"package.json": '\ufeff{"dependencies": {"lodash": "^4"}}'}
    assert [each.name for each in asked_by(files, files.__getitem__)] == ["lodash"]


def test_a_lock_beside_or_above_covers_and_one_beside_another_does_not() -> None:
    files = {"a/b/package.json": '{"dependencies": {"lodash": "^4"}}'}
    after = asked_by(files, files.__getitem__)

    def lock(path: str, ecosystem: str = "npm") -> dict[str, Locked]:
        return {path: Locked((Package(ecosystem, "lodash", "4.17.21", path),))}

    assert unlocked((), after, lock("a/b/package-lock.json")) == ()
    assert unlocked((), after, lock("yarn.lock")) == ()
    assert unlocked((), after, lock("a/c/yarn.lock")) == after
    assert unlocked((), after, lock("a/b/Cargo.lock", "crates.io")) == after
    assert unlocked(after, after, {}) == ()
