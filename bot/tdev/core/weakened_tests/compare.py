"""Two sides of the changed files, test by test: what says less than before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tdev.core.scan.paths import is_test_path
from tdev.core.weakened_tests.assertions import Checks
from tdev.core.weakened_tests.configuration import loosened_settings
from tdev.core.weakened_tests.exceptions import broader
from tdev.core.weakened_tests.other_languages import is_foreign_test, weakened_lines
from tdev.core.weakened_tests.strength import looser
from tdev.core.weakened_tests.syntax import Test, TestFile, test_file


class TextPair(NamedTuple):
    """One changed file."""

    path: str
    """POSIX path in the new tree; in the old one when deleted."""
    before: str | None
    """Its text at the base; None when added."""
    after: str | None
    """Its text now; None when deleted."""
    old_path: str = ""
    """Its path at the base, where it was renamed."""


class Weakening(NamedTuple):
    """One place that says less than before."""

    path: str
    """POSIX path."""
    line: int
    """1-based; 0 = the whole file."""
    message: str
    """One sentence."""


class _File(NamedTuple):
    pair: TextPair
    before: TestFile
    after: TestFile


def weakened(pairs: Sequence[TextPair]) -> Iterator[Weakening]:
    """Every place where a test, or what it is run with, says less than before."""
    files: list[_File] = []
    for pair in pairs:
        if _is_python_test(pair.path) or _is_python_test(pair.old_path):
            before, after = _side(pair.old_path or pair.path, pair.before), _side(pair.path, pair.after)
            if after is None:
                yield Weakening(pair.path, 0, f"the tests in {pair.path} can't be parsed")
            files.append(_File(pair, before or TestFile(), after or TestFile()))
        elif is_foreign_test(pair.path):
            yield from (Weakening(pair.path, line, said) for line, said in weakened_lines(pair.before, pair.after))
        elsewhere = "\n".join(other.after or "" for other in pairs if other is not pair)
        settings = loosened_settings(pair.path, pair.before, pair.after, elsewhere)
        yield from (Weakening(pair.path, line, said) for line, said in settings)
    for file in files:
        yield from _of_tests(file, files)
        yield from _of_file(file)
        yield from (Weakening(file.pair.path, 0, said) for said in _of_fixtures(file, files))


def _side(path: str, text: str | None) -> TestFile | None:
    """The tests of one side; none where its name is no test's, None where it can't be parsed."""
    return test_file(text) if text and _is_python_test(path) else TestFile()


def _collected(path: str) -> bool:
    """True for a name under which pytest looks for tests by itself."""
    name = path.rpartition("/")[2]
    return name.startswith("test") or name.endswith(("_test.py", "_tests.py"))


def _is_python_test(path: str) -> bool:
    return path.endswith(".py") and is_test_path(path)


def _of_tests(file: _File, files: Sequence[_File]) -> Iterator[Weakening]:
    """What the tests of one old file have become, wherever they are now."""
    for name, test in file.before.tests.items():
        where, now = _found_again(file, name, test, files)
        if now is None:
            yield Weakening(file.pair.path, 0, f"the test {name} is gone")
            continue
        weaker = _weaker(test, now, _said_by_new_tests(file))
        yield from (Weakening(where, now.line, f"the test {name} {said}") for said in weaker)
    known = {test.body for each in files for test in each.before.tests.values()}
    for test in file.after.tests.values():
        if test.body not in known and test.name not in file.before.tests:
            yield from (Weakening(file.pair.path, line, said) for line, said in _says_nothing(test))


def _says_nothing(test: Test) -> Iterator[tuple[int, str]]:
    """1-based line, and why a new test can't fail for what the code does."""
    if not test.checks.total:
        yield from ((line, "the assertion is always true") for line in test.checks.trivial)
    if test.vacuous and not test.skips:
        yield test.line, f"the new test {test.name} {test.vacuous}"


def _said_by_new_tests(file: _File) -> frozenset[str]:
    """The assertions of tests that the file did not have."""
    new = (test for name, test in file.after.tests.items() if name not in file.before.tests and not test.skips)
    return frozenset(text for test in new for text in test.checks.texts)


def _found_again(file: _File, name: str, test: Test, files: Sequence[_File]) -> tuple[str, Test | None]:
    """Where a test is now: under its name in its file, moved to another one, or whole under another name."""
    had_its_name = _collected(file.pair.old_path or file.pair.path)
    files = [each for each in files if _collected(each.pair.path) or not had_its_name]
    if name in file.after.tests and file in files:
        return file.pair.path, file.after.tests[name]
    for other in files:
        if name in other.after.tests and name not in other.before.tests:
            return other.pair.path, other.after.tests[name]
    for other in files:
        for new in other.after.tests.values():
            if new.body == test.body and new.name not in other.before.tests:
                return other.pair.path, new
    return file.pair.path, None


def _weaker(before: Test, after: Test, elsewhere: frozenset[str]) -> Iterator[str]:
    """Why a test says less than before, each as the end of a sentence; `elsewhere` is what new tests assert."""
    old, new = before.checks, after.checks
    for mark in sorted(after.skips - before.skips):
        yield f"is skipped or may fail now: {mark}"
    if not old.texts - new.texts or not old.texts - new.texts <= elsewhere:
        yield from _asserts_less(old, new)
    yield from broader(old.raises, new.raises, new.total > old.total)
    if sum(new.raises.values()) == sum(old.raises.values()) and new.matched < old.matched:
        yield "no longer looks at the message of the exception"
    if after.cases < before.cases:
        yield f"has {after.cases} sets of parameters, and had {before.cases}"
    for name in sorted((after.patched - before.patched) & (old.names | new.names)):
        yield f"replaces what it tests: {name}"


def _asserts_less(old: Checks, new: Checks) -> Iterator[str]:
    """Why assertions say less than before."""
    if len(new.trivial) > len(old.trivial):
        yield "has an assertion that is always true"
    if new.total < old.total:
        yield f"has {new.total} assertions that can fail, and had {old.total}"
    elif new.decisive < old.decisive:
        yield f"has {new.decisive} assertions that name a value, and had {old.decisive}"
    elif new.exact < old.exact:
        yield f"has {new.exact} assertions that one value alone satisfies, and had {old.exact}"
    elif new.certain < old.certain:
        yield f"reaches {new.certain} assertions whatever is true, and reached {old.certain}"
    if allowed := looser(old.tolerances, new.tolerances):
        yield f"lets a value differ by more than before: {allowed:g}"


def _of_file(file: _File) -> Iterator[Weakening]:
    """What holds for a whole file, or for all tests beside it."""
    path, before, after = file.pair.path, file.before, file.after
    for mark in sorted(after.skips - before.skips):
        if before.tests or "conftest" in path or mark.endswith("()"):
            yield Weakening(path, 0, f"tests of the file are skipped: {mark}")
    for hook in sorted(after.hooks - before.hooks):
        yield Weakening(path, 0, f"{hook} decides which tests run or how they end")
    for name in sorted(after.always_equal - before.always_equal):
        yield Weakening(path, 0, f"the class {name} is equal to everything, or always true")
    shadowed = (before.imported & after.made) - before.made
    for name in sorted((after.shared - before.shared | shadowed) & (before.asserted | after.asserted)):
        yield Weakening(path, 0, f"what is tested is replaced for the whole file: {name}")


def _of_fixtures(file: _File, files: Sequence[_File]) -> Iterator[str]:
    """What the fixtures of a file no longer do."""
    before, after = file.before, file.after
    for name in sorted(set(before.fixtures) & set(after.fixtures)):
        old, new = before.fixtures[name], after.fixtures[name]
        gone = old.uses - after.makers
        if gone and not new.uses:
            yield f"the fixture {name} no longer makes what is tested: {', '.join(sorted(gone))}"
        elif old.does and not new.does:
            yield f"the fixture {name} does nothing any more"
        elif old.does_after and not new.does_after:
            yield f"the fixture {name} does nothing after a test any more"
    for name, fixture in sorted(after.fixtures.items()):
        was = before.fixtures.get(name)
        news = fixture.replaces - (was.replaces if was and was.automatic else frozenset())
        if fixture.automatic and news:
            yield f"the fixture {name} replaces {', '.join(sorted(news))} for every test"
    applied = {name for other in files for name, fixture in other.after.fixtures.items() if fixture.automatic}
    for name in sorted(name for name, fixture in before.fixtures.items() if fixture.automatic):
        if name not in applied:
            yield f"the fixture {name} is no longer applied to every test"
