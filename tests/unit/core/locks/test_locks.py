"""Lock files of npm, pnpm, Yarn, Go and Cargo: shapes that the package managers write, and those that try to hide."""

from __future__ import annotations

import json

import pytest

from tdev.core.locks import Locked, Package, is_lock, lock_change, locked_by

NPM = "https://registry.example"


def read(path: str, text: str) -> Locked:
    return locked_by([path], lambda _: text)[path]


def named(locked: Locked) -> set[tuple[str, str]]:
    assert not locked.error, locked.error
    return {(each.name, each.version) for each in locked.packages}


def npm_lock(packages: dict[str, object], **more: object) -> str:
    return json.dumps(
        {"name": "x", "lockfileVersion": 3, "packages": {"": {"name": "x"}, **packages}, **more}, indent=2
    )


def test_which_files_are_locks() -> None:
    paths = ["package-lock.json", "web/pnpm-lock.yaml", "yarn.lock", "go.mod", "cmd/go.sum", "Cargo.lock", "go.work"]
    assert all(is_lock(path) for path in paths)
    assert not any(is_lock(path) for path in ("package.json", "uv.lock", "Cargo.toml", "lock.yaml"))


def test_npm_version_3() -> None:
    packages: dict[str, object] = {
        "node_modules/lodash": {"version": "4.17.20", "resolved": f"{NPM}/lodash/-/lodash-4.17.20.tgz"},
        "node_modules/@babel/core": {"version": "7.1.0", "resolved": f"{NPM}/@babel/core/-/core-7.1.0.tgz"},
        "node_modules/a/node_modules/b": {"version": "1.0.0", "inBundle": True},
        "node_modules/old": {"name": "real", "version": "2.0.0", "resolved": f"{NPM}/real/-/real-2.0.0.tgz"},
        "node_modules/tool": {"resolved": "packages/tool", "link": True},
        "packages/tool": {"version": "0.1.0"},
    }
    locked = read("web/package-lock.json", npm_lock(packages))
    assert named(locked) == {("lodash", "4.17.20"), ("@babel/core", "7.1.0"), ("b", "1.0.0"), ("real", "2.0.0")}
    lodash = next(each for each in locked.packages if each.name == "lodash")
    assert (lodash.ecosystem, lodash.path, lodash.line, lodash.source) == ("npm", "web/package-lock.json", 8, "")
    assert [address for address, _ in locked.registries] == [NPM]


def test_npm_version_1_is_a_tree_and_version_2_is_both() -> None:
    tree = {
        "a": {
            "version": "1.0.0",
            "dependencies": {"b": {"version": "2.0.0"}, "c": {"version": "npm:@d/e@3.0.0"}},
        },
        "own": {"version": "file:own"},
    }
    old = read("package-lock.json", json.dumps({"lockfileVersion": 1, "dependencies": tree}))
    assert named(old) == {("a", "1.0.0"), ("b", "2.0.0"), ("@d/e", "3.0.0")}
    both = npm_lock({"node_modules/new": {"version": "5.0.0"}}, dependencies=tree)
    assert ("new", "5.0.0") in named(read("package-lock.json", both)) and named(old) < named(
        read("package-lock.json", both)
    )


@pytest.mark.parametrize(
    ("resolved", "foreign", "registry"),
    [
        (f"{NPM}/lodash/-/lodash-4.17.21.tgz", False, NPM),
        (f"{NPM}/lodash/-/lodash-4.17.20.tgz", True, ""),
        (f"{NPM}/evil/-/evil-4.17.21.tgz", True, ""),
        ("https://evil.example/lodash/-/lodash-4.17.21.tgz", False, "https://evil.example"),
        ("https://evil.example/x.tgz", True, ""),
        ("git+ssh://git@github.com/lodash/lodash.git#abc", True, ""),
        ("git@github.com:lodash/lodash.git#abc", True, ""),
        ("file:vendor/lodash.tgz", False, ""),
    ],
)
def test_an_address_must_be_that_of_the_name_and_version(resolved: str, foreign: bool, registry: str) -> None:
    locked = read("package-lock.json", npm_lock({"node_modules/lodash": {"version": "4.17.21", "resolved": resolved}}))
    (package,) = locked.packages
    assert bool(package.source) is foreign
    assert [address for address, _ in locked.registries] == ([registry] if registry else [])


def test_pnpm_keys_of_each_format() -> None:
    entry = "    resolution: {integrity: x}\n"
    five = f"lockfileVersion: 5.4\npackages:\n\n  /lodash/4.17.20:\n{entry}  /@a/b/1.0.0_react@17.0.2:\n{entry}"
    six = f"lockfileVersion: '6.0'\npackages:\n\n  /lodash@4.17.20:\n{entry}  /@a/b@1.0.0(react@17.0.2):\n{entry}"
    nine = (
        f"lockfileVersion: '9.0'\npackages:\n  lodash@4.17.20:\n{entry}snapshots:\n  '@a/b@1.0.0(react@17.0.2)': {{}}\n"
    )
    for text in (five, six, nine):
        assert named(read("pnpm-lock.yaml", text)) == {("lodash", "4.17.20"), ("@a/b", "1.0.0")}
    assert read("pnpm-lock.yaml", six).packages[0].line == 4


def test_pnpm_addresses_folders_and_two_documents() -> None:
    text = (
        "lockfileVersion: '9.0'\npackages:\n  tool@1.0.0: {resolution: {integrity: x}}\n---\n"
        "lockfileVersion: '9.0'\npackages:\n"
        "  x@https://codeload.github.com/x/x/tar.gz/abc:\n"
        "    resolution: {tarball: 'https://codeload.github.com/x/x/tar.gz/abc'}\n    version: 2.0.0\n"
        "  own@file:own: {resolution: {directory: own, type: directory}}\n"
    )
    locked = read("pnpm-lock.yaml", text)
    assert named(locked) == {("tool", "1.0.0"), ("x", "2.0.0")}
    assert [each.source for each in locked.packages] == ["", "https://codeload.github.com/x/x/tar.gz/abc"]


def test_yarn_1() -> None:
    text = (
        "# yarn lockfile v1\n\n\n"
        '"@babel/core@^7.0.0", "@babel/core@>= 7, < 8":\n  version "7.1.0"\n'
        '  resolved "https://registry.example/@babel/core/-/core-7.1.0.tgz#abc"\n  integrity sha512-x==\n'
        '  dependencies:\n    lodash "^4.17.10"\n\n'
        'lodash@^4.17.10, old@npm:lodash@4.x:\n  version "4.17.20"\n'
        '  resolved "https://registry.example/lodash/-/lodash-4.17.20.tgz#abc"\n\n'
        'ours@user/ours:\n  version "1.0.0"\n\n"own@file:own":\n  version "0.0.0"\n'
    )
    locked = read("yarn.lock", text)
    assert named(locked) == {("@babel/core", "7.1.0"), ("lodash", "4.17.20"), ("ours", "1.0.0")}
    sources = {each.name: (each.source, each.line) for each in locked.packages}
    assert sources == {"@babel/core": ("", 4), "lodash": ("", 11), "ours": ("github:user/ours", 15)}


@pytest.mark.parametrize(
    "entry",
    [
        'lodash@^4:\n  version "4.17.20"\n  version "4.17.21"\n',
        'lodash@^4\n  version "4.17.20"\n',
        'lodash@^4:\n version "4.17.20"\n',
        "lodash@^4:\n  resolved x\n",
        '  version "4.17.20"\n',
    ],
)
def test_a_yarn_lock_that_is_not_understood_is_unread(entry: str) -> None:
    assert read("yarn.lock", f"# yarn lockfile v1\n{entry}").error


def test_later_yarn() -> None:
    text = (
        "__metadata:\n  version: 8\n\n"
        '"lodash@npm:^4.17.10":\n  version: 4.17.20\n  resolution: "lodash@npm:4.17.20"\n\n'
        '"@a/b@npm:1.0.0":\n  version: 1.0.0\n'
        '  resolution: "@a/b@npm:1.0.0::__archiveUrl=https%3A%2F%2Fevil.example%2Fb.tgz"\n\n'
        '"fixed@patch:fixed@npm%3A2.0.0#x":\n  version: 2.0.0\n  resolution: "fixed@patch:fixed@npm%3A2.0.0#x"\n\n'
        '"own@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "own@workspace:."\n'
    )
    locked = read("yarn.lock", text)
    assert named(locked) == {("lodash", "4.17.20"), ("@a/b", "1.0.0"), ("fixed", "2.0.0")}
    assert {each.name for each in locked.packages if each.source} == {"@a/b"}


GO_MOD = """\
module example.org/x

go 1.21

require golang.org/x/net v0.10.0 // indirect

require (
\tgithub.com/a/b/v2 v2.0.1+incompatible
\tgithub.com/own/part v0.0.0
\t"github.com/c/d" v0.0.0-20230101000000-abcdefabcdef
)

replace (
\tgithub.com/own/part => ./part
\tgithub.com/c/d v0.0.0-20230101000000-abcdefabcdef => github.com/fork/d v1.2.3
)

exclude github.com/a/b/v2 v2.0.0
"""


def test_go_modules_after_their_replacements() -> None:
    locked = read("go.mod", GO_MOD)
    assert named(locked) == {
        ("golang.org/x/net", "0.10.0"),
        ("github.com/a/b/v2", "2.0.1+incompatible"),
        ("github.com/fork/d", "1.2.3"),
    }
    assert {each.line for each in locked.packages} == {5, 8, 15}


def test_go_sum_counts_where_go_mod_does_not_list_everything() -> None:
    sums = "github.com/a/b v1.0.0 h1:x=\ngithub.com/a/b v1.0.0/go.mod h1:y=\ngithub.com/z/z v2.0.0/go.mod h1:z=\n"
    old = {"go.mod": "module x\n\ngo 1.16\n", "go.sum": sums}
    assert named(locked_by(old, old.__getitem__)["go.sum"]) == {("github.com/a/b", "1.0.0")}
    new = {**old, "go.mod": "module x\n\ngo 1.17\n"}
    assert "go.sum" not in locked_by(new, new.__getitem__)
    alone = {"go.sum": sums}
    assert "go.sum" in locked_by(alone, alone.__getitem__)


def test_cargo() -> None:
    text = (
        'version = 3\n\n[[package]]\nname = "x"\nversion = "0.3.0"\n\n'
        '[[package]]\nname = "smallvec"\nversion = "0.6.9"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n\n'
        '[[package]]\nname = "smallvec"\nversion = "1.6.0"\nsource = "sparse+https://crates.example/"\n\n'
        '[[package]]\nname = "g"\nversion = "1.0.0"\nsource = "git+https://example.org/g?rev=1#abc"\n'
    )
    locked = read("Cargo.lock", text)
    assert [(each.name, each.version, each.line) for each in locked.packages] == [
        ("smallvec", "0.6.9", 8),
        ("smallvec", "1.6.0", 13),
        ("g", "1.0.0", 18),
    ]
    assert locked.registries == (("sparse+https://crates.example/", 13),)
    assert [bool(each.source) for each in locked.packages] == [False, False, True]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package-lock.json", ""),
        ("package-lock.json", "[]"),
        ("package-lock.json", "{}"),
        ("package-lock.json", npm_lock({"node_modules/a": {}})),
        ("package-lock.json", npm_lock({"node_modules/a": {"version": 1}})),
        ("package-lock.json", npm_lock({"node_modules/a": "1.0.0"})),
        ("package-lock.json", "[" * 100_000),
        ("pnpm-lock.yaml", "packages: {}"),
        ("pnpm-lock.yaml", "- a"),
        ("pnpm-lock.yaml", "a: b: c"),
        ("pnpm-lock.yaml", "lockfileVersion: 9\npackages:\n  nonsense: {}\n"),
        ("pnpm-lock.yaml", "lockfileVersion: 9\npackages: " + "[" * 50_000),
        ("pnpm-lock.yaml", "lockfileVersion: 9\npackages: {a@1: {}, a@1: {}}"),
        ("pnpm-lock.yaml", "lockfileVersion: 9\npackages: {a@1: &x {}, b@1: *x}"),
        ("yarn.lock", "__metadata:\n  version: 8\nx@npm:1:\n  version: 1.0.0\n"),
        ("yarn.lock", "__metadata:\n  version: 8\nx@npm:1: text\n"),
        ("go.mod", "require nonsense"),
        ("go.mod", "replace a => b => c"),
        ("go.sum", "github.com/a/b v1.0.0"),
        ("Cargo.lock", "[[package"),
        ("Cargo.lock", '[[package]]\nname = "a"\n'),
        ("Cargo.lock", "package = 1"),
    ],
)
def test_what_can_not_be_read_says_so(path: str, text: str) -> None:
    locked = read(path, text)
    assert locked.error.startswith(f"{path} can't be read: ") and len(locked.error) < 400


def test_only_what_is_new_counts_wherever_it_stood() -> None:
    base = {"a/Cargo.lock": Locked((Package("crates.io", "x", "1.0.0", "a/Cargo.lock", 3),))}
    head = {
        "b/Cargo.lock": Locked(
            (
                Package("crates.io", "x", "1.0.0", "b/Cargo.lock", 9),
                Package("crates.io", "x", "2.0.0", "b/Cargo.lock", 9),
            ),
            (("sparse+https://crates.example/", 9),),
        )
    }
    change = lock_change(base, head)
    assert [each.version for each in change.packages] == ["2.0.0"]
    assert change.registries == (("sparse+https://crates.example/", "b/Cargo.lock", 9),)
    assert lock_change(head, head).registries == ()


def test_a_lock_that_could_not_be_read_before_either_is_a_problem_when_it_changed() -> None:
    one, other = read("Cargo.lock", "[[package"), read("Cargo.lock", "[[package # and more")
    assert one.error and other.error
    assert lock_change({"Cargo.lock": one}, {"Cargo.lock": one}).problems == ()
    assert lock_change({"Cargo.lock": one}, {"Cargo.lock": other}).problems == (other.error,)


def test_the_one_registry_of_npm_s_first_lock_has_nothing_to_be_compared_with() -> None:
    def lock(*hosts: str, name: str = "a") -> dict[str, Locked]:
        package = Package("npm", name, "1.0.0")
        return {"package-lock.json": Locked((package,), tuple((f"https://{host}", 1) for host in hosts))}

    assert [each[0] for each in lock_change({}, lock("one")).first] == ["https://one"]
    assert lock_change({}, lock("one")).registries == ()
    assert len(lock_change({}, lock("one", "two")).registries) == 2
    assert [each[0] for each in lock_change(lock("one"), lock("one", "two")).registries] == ["https://two"]
    assert [each[0] for each in lock_change(lock(), lock("one")).registries] == ["https://one"], "none was named before"
    cargo = {"Cargo.lock": Locked((Package("crates.io", "a", "1.0.0"),), (("sparse+https://crates.example/", 1),))}
    assert len(lock_change({}, cargo).registries) == 1
