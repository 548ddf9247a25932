"""What a project says it needs to run its tests: read from the text of its dependency files.

tools/python_environment.py installs what is named here and nothing else. Only names of files, extras and groups are
decided; the requirements in them are the installer's to read, so this module never parses one.
Formats: PEP 621 and PEP 735 in pyproject.toml, Poetry's tables, setuptools' setup.cfg; where none of them says what
tests need, what tox, nox or hatch install (runner_dependencies.py). Guessing is limited to the usual names for what
tests need: the lists below are documented in docs/evaluation.md.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tdev.core.manifests.documents import parse_ini, parse_toml, table
from tdev.core.manifests.plain_requirements import names_package_alone
from tdev.core.runner_dependencies import RUNNER_FILES, RunnerDependencies, runner_dependencies

EXTRAS = ("test", "tests", "testing", "dev")
"""Optional extras ([project.optional-dependencies], [options.extras_require]) that are installed where they exist."""

GROUPS = ("test", "tests", "dev")
"""[dependency-groups] that are installed where they exist."""

RUNTIME_FILES = ("requirements.txt", "requirements.lock")
"""Requirement files of a project that is no package; the first that exists is installed."""

TEST_FILES = (
    "requirements-dev.txt",
    "requirements-test.txt",
    "requirements-tests.txt",
    "requirements_dev.txt",
    "requirements_test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "requirements/dev.txt",
    "requirements/test.txt",
    "requirements/tests.txt",
)
"""Requirement files installed where the package itself names no extra and no group for its tests."""

_DEFAULT_TOOLS = ("setuptools>=40.8.0", "wheel")
_ALSO = {"hatchling": "editables~=0.3", "setuptools": "wheel"}

DEPENDENCY_FILES = ("pyproject.toml", "setup.cfg", "setup.py", *RUNTIME_FILES, *TEST_FILES, *RUNNER_FILES)
"""Files whose content decides what is installed."""


@dataclass(frozen=True)
class ProjectDependencies:
    """What to install before a project's tests can run."""

    metadata: str = ""
    """`pyproject.toml`, `setup.cfg` or `setup.py`, whichever describes the package; empty = it is no package."""
    extras: tuple[str, ...] = ()
    """Extras of the package to install."""
    groups: tuple[str, ...] = ()
    """Dependency groups of pyproject.toml to install."""
    files: tuple[str, ...] = ()
    """Requirement files to install."""
    requirements: tuple[str, ...] = ()
    """Packages of the index that tox, nox or hatch install for the tests."""
    unread: tuple[str, ...] = ()
    """What they install besides and could not be read, with the file."""
    requires_python: str = ""
    """Version specifier of the interpreter, e.g. `>=3.9`; empty = any."""


def project_dependencies(files: Mapping[str, str]) -> ProjectDependencies:
    """What to install, from the dependency files' text by name.

    A pyproject.toml or setup.cfg that can't be parsed counts as absent here; the installer then says what is wrong.
    """
    pyproject = parse_toml(files.get("pyproject.toml", ""))
    setup_cfg = parse_ini(files.get("setup.cfg", ""))
    metadata = _metadata_file(files, pyproject, setup_cfg)
    extras = tuple(name for name in EXTRAS if name in _extras(pyproject, setup_cfg)) if metadata else ()
    groups = tuple(name for name in GROUPS if name in table(pyproject, "dependency-groups"))
    wanted: list[str] = []
    if not metadata:
        wanted += [name for name in RUNTIME_FILES if name in files][:1]
    runner = RunnerDependencies()
    if not extras and not groups:
        named = [name for name in TEST_FILES if name in files]
        wanted += named
        runner = runner if named else runner_dependencies(files)
    return ProjectDependencies(
        metadata=metadata,
        extras=extras,
        groups=groups,
        files=tuple(wanted),
        requirements=runner.requirements,
        unread=runner.unread,
        requires_python=_requires_python(pyproject, setup_cfg),
    )


def build_tools(files: Mapping[str, str]) -> tuple[str, ...]:
    """What PEP 518's `build-system.requires` names, and what its usual back ends ask for besides when a project is
    installed linked to its folder; setuptools where nothing is named.
    """
    system = table(parse_toml(files.get("pyproject.toml", "")), "build-system")
    named = system.get("requires")
    wanted = [text for text in named if isinstance(text, str)] if isinstance(named, list) else []
    if not wanted:
        return _DEFAULT_TOOLS
    more = [tool for text in wanted for name, tool in _ALSO.items() if text.strip().startswith(name)]
    return tuple(dict.fromkeys([*wanted, *more]))


def is_computed(wanted: ProjectDependencies) -> bool:
    """True when only a build can tell what the package depends on: no installer reads it from these files."""
    return wanted.metadata in ("setup.py", "setup.cfg")


def names_packages_alone(requirements: Sequence[str]) -> bool:
    """True when each requirement names a package of the index, so that nothing but its text decides what it is."""
    return all(names_package_alone(text) for text in requirements)


def files_of(wanted: ProjectDependencies) -> tuple[str, ...]:
    """The files that the installer is pointed to, by name."""
    groups = ("pyproject.toml",) if wanted.groups else ()
    return tuple(dict.fromkeys(name for name in (wanted.metadata, *groups, *wanted.files) if name))


def decided_by_text(wanted: ProjectDependencies, files: Mapping[str, str]) -> bool:
    """True when what is installed depends on nothing but the text of `files_of` and the index.

    An address, another file, a folder or a setting of an installer that names one makes it false.
    """
    if is_computed(wanted):
        return False
    lines = [line for name in wanted.files for line in files[name].splitlines()]
    asked = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if "pyproject.toml" not in files_of(wanted):
        return names_packages_alone(asked)
    document = parse_toml(files["pyproject.toml"])
    project = table(document, "project")
    extras, groups = table(project, "optional-dependencies"), table(document, "dependency-groups")
    lists = [project.get("dependencies", []), *extras.values(), *groups.values()]
    if "uv" in table(document, "tool") or "dynamic" in project or not all(isinstance(each, list) for each in lists):
        return False
    return names_packages_alone([*asked, *(text for each in lists for text in each if isinstance(text, str))])


def allows_python(requires: str, version: Sequence[int]) -> bool:
    """True when a version satisfies a specifier such as `>=3.8,<4`; a clause that can't be read allows all."""
    return all(_clause_allows(clause.strip(), tuple(version)) for clause in requires.split(","))


def _clause_allows(clause: str, version: tuple[int, ...]) -> bool:
    match = re.fullmatch(r"(>=|<=|==|!=|~=|>|<)\s*(\d+(?:\.\d+)*)(\.\*)?", clause)
    if match is None:
        return True
    operator, digits, wildcard = match.groups()
    bound = tuple(int(part) for part in digits.split("."))
    same_length = version[: len(bound)]
    padded = bound + (0,) * (len(version) - len(bound))
    answers = {
        ">=": version >= padded,
        "<=": version <= padded,
        ">": version > padded,
        "<": version < padded,
        "~=": version >= padded and version[: len(bound) - 1] == bound[:-1],
        "==": same_length == bound if wildcard else version == padded,
        "!=": same_length != bound if wildcard else version != padded,
    }
    return answers[operator]


def _metadata_file(files: Mapping[str, str], pyproject: dict[str, Any], setup_cfg: configparser.ConfigParser) -> str:
    """The file that makes the project a package, or an empty string."""
    if "project" in pyproject or "name" in table(pyproject, "tool", "poetry"):
        return "pyproject.toml"
    if "setup.py" in files:
        return "setup.py"
    return "setup.cfg" if setup_cfg.has_option("metadata", "name") else ""


def _extras(pyproject: dict[str, Any], setup_cfg: configparser.ConfigParser) -> set[str]:
    """Names of the package's extras, as far as they are written down and not computed."""
    names = set(table(pyproject, "project", "optional-dependencies"))
    names |= set(table(pyproject, "tool", "poetry", "extras"))
    if setup_cfg.has_section("options.extras_require"):
        names |= set(setup_cfg.options("options.extras_require"))
    return names


def _requires_python(pyproject: dict[str, Any], setup_cfg: configparser.ConfigParser) -> str:
    """The interpreter the package asks for."""
    asked = table(pyproject, "project").get("requires-python")
    if asked is None:
        asked = setup_cfg.get("options", "python_requires", fallback="")
    return str(asked).strip()
