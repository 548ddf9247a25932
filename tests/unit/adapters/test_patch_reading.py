"""What git says of a change, read from real repositories that try to mislead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters import patch_reading
from tdev.adapters.git import Git
from tdev.adapters.patch_reading import read_change
from tdev.core.patch_guard import Change, FileChange
from tdev.errors import TransientError

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "a.py").write_text("x = 1\ny = 2\n")
    (folder / "run.sh").write_text("echo\n")
    (folder / "old.txt").write_text("".join(f"line {number}\n" for number in range(30)))
    (folder / "logo.bin").write_bytes(b"\0\1\2")
    commit(folder, "start")
    return folder


def commit(folder: Path, message: str) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def changed(folder: Path) -> Change:
    commit(folder, "change")
    return read_change(Git(folder, ENVIRONMENT), "HEAD^", "HEAD", "tdev/auto/x")


def by_path(made: Change) -> dict[str, FileChange]:
    return {file.path: file for file in made.files}


def test_every_kind_of_change(repository: Path) -> None:
    (repository / "a.py").write_text("x = 1\ny = 3\n")
    (repository / "run.sh").chmod(0o755)
    (repository / "old.txt").rename(repository / "new.txt")
    (repository / "logo.bin").write_bytes(b"\x7fELF\0")
    (repository / "link").symlink_to("../outside")
    (repository / "latin.txt").write_bytes(b"caf\xe9\n")
    (repository / 'tab\tand\nline "quote" é.txt').write_text("z\n")
    git(repository, "add", "--all")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git(repository, "commit", "--quiet", "-m", "change\n\nwith words")
    made = read_change(Git(repository, ENVIRONMENT), "HEAD^", "HEAD", "tdev/auto/x")
    files = by_path(made)
    assert {path: (file.status, file.kind) for path, file in files.items()} == {
        "a.py": ("M", "100644"),
        "run.sh": ("M", "100755"),
        "new.txt": ("R", "100644"),
        "logo.bin": ("M", "100644"),
        "link": ("A", "120000"),
        "latin.txt": ("A", "100644"),
        "tab\tand\nline \"quote\" é.txt": ("A", "100644"),
        "sub": ("A", "160000"),
    }  # fmt: skip
    assert [line.text for line in files["a.py"].added] == ["y = 3"]
    assert files["new.txt"].old_path == "old.txt" and files["new.txt"].added == ()
    assert files["link"].after and files["link"].after.text == "../outside"
    assert files["logo.bin"].after and files["logo.bin"].after.binary and files["logo.bin"].after.head == b"\x7fELF\0"
    assert files["latin.txt"].after and files["latin.txt"].after.invalid
    assert files["run.sh"].before and files["run.sh"].before.mode == "100644"
    assert "new.txt" in made.paths and "old.txt" not in made.paths
    [told] = made.commits
    assert told.message.startswith("change\n\nwith words") and "<" in told.people
    assert made.branch == "tdev/auto/x" and made.diff_bytes > 100


def test_attributes_settings_and_drivers_hide_nothing(repository: Path) -> None:
    """Whatever .gitattributes and the clone's own configuration say, the text that is there is read."""
    (repository / ".gitattributes").write_text("*.py -diff binary filter=evil diff=evil export-ignore\n")
    for key, value in (
        ("filter.evil.clean", "touch pwned; echo harmless"),
        ("diff.evil.textconv", "touch pwned; echo"),
        ("diff.evil.command", "touch pwned; true"),
        ("diff.external", "touch pwned; true"),
    ):
        git(repository, "config", key, value)
    (repository / "a.py").write_text("import os\n")
    blob = git(repository, "hash-object", "-w", "--no-filters", "a.py")
    git(repository, "update-index", "--cacheinfo", f"100644,{blob},a.py")
    git(repository, "-c", "filter.evil.clean=", "add", ".gitattributes")
    git(repository, "commit", "--quiet", "-m", "x")
    for left in repository.rglob("pwned"):
        left.unlink()
    made = read_change(Git(repository, ENVIRONMENT), "HEAD^", "HEAD")
    assert [line.text for line in by_path(made)["a.py"].added] == ["import os"]
    assert not list(repository.rglob("pwned"))


def test_a_replaced_object_is_not_believed(repository: Path) -> None:
    good = git(repository, "rev-parse", "HEAD:a.py")
    (repository / "a.py").write_text("import os\n")
    commit(repository, "evil")
    evil = git(repository, "rev-parse", "HEAD:a.py")
    git(repository, "replace", "-f", evil, good)
    made = read_change(Git(repository, ENVIRONMENT), "HEAD^", "HEAD")
    assert [line.text for line in by_path(made)["a.py"].added] == ["import os"]


def test_a_tree_without_a_commit(repository: Path) -> None:
    (repository / "b.py").write_text("b = 1\n")
    git(repository, "add", "--all")
    tree = git(repository, "write-tree")
    made = read_change(Git(repository, ENVIRONMENT), "HEAD", tree)
    assert [file.path for file in made.files] == ["b.py"] and made.commits == ()


def test_what_is_too_large_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patch_reading, "MOST_FILE", 100)
    (repository / "big.txt").write_text("x" * 101)
    (repository / "small.txt").write_text("x" * 99)
    files = by_path(changed(repository))
    assert files["big.txt"].after and files["big.txt"].after.unread and files["big.txt"].after.size == 101
    assert files["small.txt"].after and not files["small.txt"].after.unread


def test_what_one_commit_adds_and_the_next_takes_out_is_seen(repository: Path) -> None:
    start = git(repository, "rev-parse", "HEAD")
    (repository / "key.txt").write_text("secret\n")
    commit(repository, "one")
    (repository / "key.txt").unlink()
    (repository / "a.py").write_text("x = 3\n")
    commit(repository, "two")
    made = read_change(Git(repository, ENVIRONMENT), start, "HEAD")
    assert [file.path for file in made.files] == ["a.py"]
    assert [(file.path, file.status) for file in made.history] == [("key.txt", "A"), ("a.py", "M"), ("key.txt", "D")]
    assert [line.text for line in made.history[0].added] == ["secret"]


def test_no_change_and_an_unknown_commit(repository: Path) -> None:
    assert read_change(Git(repository, ENVIRONMENT), "HEAD", "HEAD").files == ()
    with pytest.raises(TransientError):
        read_change(Git(repository, ENVIRONMENT), "HEAD", "0" * 40)
