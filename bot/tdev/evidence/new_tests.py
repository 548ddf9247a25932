"""The tests that a change adds or alters, and where to run them: on the base's code, or again on the head's.

Comes in: a Change whose head's tests have run. Goes out: test ids, and benches. Which files are tests is told by their
names (core/scan/paths.py), which tests are new by their texts (core/changed_tests.py).
"""

from __future__ import annotations

from tdev.adapters import workspace
from tdev.adapters.git import Git
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.changed_tests import BothSides, changed_tests
from tdev.core.scan.paths import is_python_path, is_test_path
from tdev.evidence.subject import AFTER, TESTS, Change
from tdev.evidence.tests_of import Bench, bench_in
from tdev.tools.pytest import Choice, run_tests


def new_tests(change: Change) -> tuple[str, ...]:
    """Ids of the tests that are new or altered and have an outcome at the head."""
    git, patch, folder = change.after.git, change.patch, change.after.folder
    files = {}
    for file in patch.files:
        if is_test_path(file.path) and is_python_path(file.path) and file.status != "D":
            before = None if file.status == "A" else _text(git, patch.base_sha, file.old_path or file.path)
            files[_in_project(file.path, folder)] = BothSides(before, _text(git, patch.head_sha, file.path))
    gone = [_text(git, patch.base_sha, file.path) for file in patch.files if file.status == "D"]
    return changed_tests(change.tests(AFTER).outcomes, files, gone)


def is_python_test(test: str) -> bool:
    """True for the id of a test that pytest can run by itself."""
    return is_python_path(test.partition("::")[0])


def base_with_new_tests(change: Change) -> Bench:
    """The base's code with the head's test files laid over it; raises TransientError.

    It takes the place of the clone in which the base's tests were run, so that their environment serves again.
    """
    run, patch, before = change.run, change.patch, change.before
    folder = run.work / f"{before.checkout.name}-{TESTS}"
    clone = workspace.clean_clone(change.after.checkout, folder, patch.base_sha, run.settings.child_environment)
    paths = [file.path for file in patch.files if is_test_path(file.path) and file.status != "D"]
    if paths:
        _lay_over(clone, patch.head_sha, paths)
    return bench_in(before, clone.folder, TESTS)


def run_chosen(change: Change, bench: Bench, choice: Choice, timeout: float) -> TestRun:
    """Run some tests in a fresh process, without coverage."""
    run, limits = change.run, change.run.policy.sandbox
    return run_tests(bench.environment, bench.project, run.settings, timeout, False, limits=limits, choice=choice)


def _lay_over(clone: Git, commit: str, paths: list[str]) -> None:
    listed = "\0".join(paths).encode("utf-8", "surrogateescape")
    words = ("checkout", "--quiet", commit, "--pathspec-from-file=-", "--pathspec-file-nul")
    clone.run("--literal-pathspecs", *words, stdin=listed)


def _text(git: Git, commit: str, path: str) -> str:
    """A file of a commit; empty where there is none."""
    return git.run("cat-file", "blob", f"{commit}:{path}", check=False).stdout


def _in_project(path: str, folder: str) -> str:
    return path if folder == "." else path.removeprefix(f"{folder}/")
