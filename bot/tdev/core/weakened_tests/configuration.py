"""Settings of test runners and checkers that leave something out: what is not run or measured can't fail.

Compared line by line and not parsed: what counts is that a line was added which narrows what is looked at, or that a
bar was lowered. Sections do not matter, names do; a line that was there before is no news.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tdev.core.weakened_tests.narrowed import narrowed
from tdev.core.weakened_tests.strict_settings import grown_lists, strictness_gone

_NAMES = frozenset(
    {
        "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", ".coveragerc", "mypy.ini", ".mypy.ini",
        "ruff.toml", ".ruff.toml", ".flake8", ".pylintrc", "pylintrc", ".bandit", "bandit.yaml", "noxfile.py",
        "pyrightconfig.json", "jest.config.js", "jest.config.ts", "vitest.config.ts", "package.json", ".eslintrc",
        ".eslintrc.json", ".eslintrc.js", "eslint.config.js", ".eslintignore", "tsconfig.json", "codecov.yml",
        ".codecov.yml", ".nycrc", ".golangci.yml", ".rspec", "phpunit.xml", ".semgrepignore", ".gitleaks.toml",
        ".gitleaksignore", ".secrets.baseline", ".trivyignore", ".snyk", "Makefile",
    }
)  # fmt: skip
_OVERRULING = frozenset(
    {"pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", ".coveragerc", "mypy.ini", ".mypy.ini", "ruff.toml",
     ".ruff.toml", ".flake8", ".pylintrc", "pylintrc", ".bandit", "pyrightconfig.json", ".nycrc", ".rspec"}
)  # fmt: skip
"""Files that, once they are there, hold instead of what another file said."""
_IGNORE_FILES = frozenset({".semgrepignore", ".gitleaksignore", ".trivyignore", ".eslintignore"})
_LEAVING_OUT = re.compile(
    r"(?i)--ignore(?:-glob)?\b|--deselect\b|--co(?:llect-only)?\b|--setup-plan\b|(?:^|[\s\"'])-k[\s=\"']"
    r"|-m[\s=]*[\\\"']*not\b|-p\s*no:|--no-cov\b|--exitfirst|--lf\b|\|\|\s*true"
    r"|continue-on-error|--exit-zero|--passWithNoTests|testPathIgnorePatterns|coveragePathIgnorePatterns"
    r"|^\s*[\"']?(?:omit|exclude_lines|exclude_also|exclude|extend-exclude|ignore|extend-ignore|per-file-ignores|disable"
    r"|ignore_errors|ignore_missing_imports|disable_error_code|norecursedirs|collect_ignore|skips|exclude_dirs"
    r"|ignore_patterns|filterwarnings|exclude_files|allowlist)[\"']?\s*[:=\]]"
    r"|per-file-ignores|^\s*(?:xfail_strict|strict|branch|show_error_codes|warn_\w+|disallow_\w+)\s*=\s*false"
    r"|\bpython_(?:files|classes|functions)\s*=|^\s*[\"']?testpaths[\"']?\s*="
)
_BAR = re.compile(
    r"(?i)(fail_under|fail-under|max-complexity|cov-fail-under|branches|functions|lines|statements|threshold|target)[\"']?\s*[:=]\s*[\"']?(\d+(?:\.\d+)?)"
)
_LOWER_IS_STRICTER = ("max-complexity",)
_PIPELINES = (".github/workflows/", ".github/actions/", ".circleci/", ".gitlab-ci", "azure-pipelines", ".travis")
_IGNORING = re.compile(
    r"(?i)\|\|\s*(?:true|:|exit 0|echo)(?:\s|$)|continue-on-error:\s*[\"']?true|allow_failure:\s*true|--exit-zero"
    r"|--deselect\b|--passWithNoTests|^\s*(?:- )?if:\s*[\"']?(?:false|\$\{\{\s*false)|\bset \+e\b"
)


def loosened_settings(
    path: str, before: str | None, after: str | None, elsewhere: str = ""
) -> Iterator[tuple[int, str]]:
    """1-based line and what is said there, for a file of settings that was there before, or overrules one that was.

    `elsewhere` is what the other changed files hold: a setting may have moved there.
    """
    name = path.rpartition("/")[2]
    if path.startswith(_PIPELINES) and before is not None and after is not None:
        yield from _ignored_failures(before, after)
    if name not in _NAMES or after is None or (before is None and name not in _OVERRULING | _IGNORE_FILES):
        return
    before = before or ""
    old = Counter(before.split("\n"))
    for number, line in enumerate(after.split("\n"), 1):
        text = line[:1000]
        if old[line] > 0:
            old[line] -= 1
        elif name in _IGNORE_FILES and text.strip() and not text.lstrip().startswith("#"):
            yield number, f"a checker is told to leave something out: {text.strip()}"
        elif _LEAVING_OUT.search(text):
            yield number, f"a setting leaves something out: {text.strip()}"
    yield from _lowered(before, after)
    yield from ((0, f"the setting {gone} is gone") for gone in strictness_gone(before, after, elsewhere))
    if name not in _IGNORE_FILES:
        grown = grown_lists(before, after)
        yield from ((line, f"a setting leaves something out: {entry}") for line, entry in grown)
    if name.endswith(".toml"):
        yield from ((0, f"a setting looks at less: {said}") for said in narrowed(before, after))


def _ignored_failures(before: str, after: str) -> Iterator[tuple[int, str]]:
    """Lines of a pipeline that let a step fail without saying so."""
    old = set(before.split("\n"))
    for number, line in enumerate(after.split("\n"), 1):
        if line not in old and not line.lstrip().startswith("#") and _IGNORING.search(line[:1000]):
            yield number, f"a failure is ignored: {line.strip()[:200]}"


def _lowered(before: str, after: str) -> Iterator[tuple[int, str]]:
    """Bars that are lower than before."""
    old = _bars(before)
    for name, (line, value) in _bars(after).items():
        was = old.get(name, (0, value))[1]
        if (value > was) if name in _LOWER_IS_STRICTER else (value < was):
            yield line, f"the bar {name} is {value:g}, and was {was:g}"
    for name in sorted(set(old) - set(_bars(after))):
        if name.startswith(("fail", "cov")):
            yield 0, f"the bar {name} is gone"


def _bars(text: str) -> dict[str, tuple[int, float]]:
    found: dict[str, tuple[int, float]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if match := _BAR.search(line[:1000]):
            found.setdefault(match.group(1).casefold(), (number, float(match.group(2)[:30])))
    return found
