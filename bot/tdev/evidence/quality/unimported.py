"""Packages that nothing seems to import, looked at once more, one by one: what is certain is a warning, else a note.

A package is used when a module of its wheel is imported, or when settings, images or addresses speak of it. A note is
what others may load or start: a plugin, a program, a driver, a version that another dependency needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.distributions import all_modules
from tdev.core.fingerprint import fingerprint
from tdev.core.manifests import Dependencies, Requirement, dependencies_of, is_manifest, normalised
from tdev.core.mentions import may_mention, mentioned
from tdev.core.package_names import popular_names
from tdev.evidence.subject import Commit
from tdev.tools.deptry import NAME
from tdev.tools.resolve import resolve
from tdev.tools.wheel import Wheel, read_wheel

RULE = "unused-dependency"
LOADED_FILE = "loaded-by-others.txt"
_SECONDS = 60.0
"""Longest that one package is asked about."""


@dataclass(frozen=True)
class Candidate:
    """A dependency that nothing imports by a name that is known of it."""

    folder: str
    """Of the file that asks for it, POSIX, relative to the repository."""
    file: str
    """That file, relative to the folder."""
    written: str
    """The name, as the file spells it."""

    @property
    def name(self) -> str:
        """Normalised."""
        return normalised(self.written)

    @property
    def path(self) -> str:
        """The file, relative to the repository."""
        return self.file if self.folder == "." else f"{self.folder}/{self.file}"


@dataclass(frozen=True)
class Found:
    """What is to be said of the candidates."""

    findings: tuple[Finding, ...] = ()
    """Warnings and notes."""
    reason: str = ""
    """Why nothing certain can be said."""


@dataclass(frozen=True)
class _Tree:
    """The head, as far as it tells whether something is used."""

    commit: Commit
    files: Mapping[str, str]
    modules: frozenset[str]

    @cached_property
    def manifests(self) -> Mapping[str, Dependencies]:
        """What each file says in which people write down dependencies."""
        return {path: dependencies_of(path, self._text(path)) for path in sorted(self.files) if is_manifest(path)}

    @cached_property
    def own(self) -> frozenset[str]:
        """Names of the projects that are in the tree."""
        return frozenset(said.project for said in self.manifests.values())

    def requirement(self, one: Candidate) -> Requirement:
        """The line that asks for a package."""
        said = self.manifests.get(one.path, Dependencies()).requirements
        found = (each for each in said if each.name == one.name)
        return next(found, Requirement(one.name, "", one.path, 0, written=one.written))

    def speaks_of(self, names: frozenset[str]) -> bool:
        """Whether a file names one of them, in small letters."""
        texts = ((path, self._text(path)) for path in self.files if may_mention(path))
        return any(mentioned(path, text, names) for path, text in texts)

    def needs(self, asked: Requirement) -> bool:
        """Whether another dependency of the same file needs the package too."""
        said = self.manifests.get(asked.path, Dependencies()).requirements
        others = {each.name: each for each in said if each.name != asked.name and not each.url}
        chosen = resolve(self.commit.run.settings, list(others.values()), _SECONDS)
        return any(name == asked.name for name, _ in chosen.origins)

    def _text(self, path: str) -> str:
        return (self.commit.checkout / path).read_text("utf-8", "replace")


def findings_about(
    commit: Commit,
    files: Mapping[str, str],
    modules: frozenset[str],
    candidates: Iterable[Candidate],
    names: Mapping[str, tuple[str, ...]],
) -> Found:
    """What is to be said of each; `modules` are all that the commit's `files` import, `names` modules by package."""
    tree = _Tree(commit, files, modules)
    loaded = popular_names((commit.run.settings.policies / LOADED_FILE).read_text("utf-8"))
    findings: list[Finding] = []
    for one in candidates:
        if one.name in tree.own:
            continue
        asked = tree.requirement(one)
        wheel = Wheel(frozenset(names[one.name])) if one.name in names else _wheel(tree, asked)
        if wheel.reason:
            return Found(tuple(findings), wheel.reason)
        findings += _said(tree, asked, wheel, one.name in loaded)
    return Found(tuple(findings))


def _wheel(tree: _Tree, asked: Requirement) -> Wheel:
    if asked.url:
        return Wheel(none=True)
    return read_wheel(tree.commit.run.settings, asked, min(_SECONDS, tree.commit.run.policy.limits.tool_seconds))


def _said(tree: _Tree, asked: Requirement, wheel: Wheel, loaded: bool) -> Iterator[Finding]:
    """One finding, or none for what is used."""
    if wheel.modules & tree.modules:
        return
    called = {name.lower() for name in all_modules(wheel.modules, asked.name)} | {asked.name}
    if tree.speaks_of(frozenset(called)):
        return
    if wheel.none:
        yield _finding(asked, Severity.NOTE, "by its own name; what else can be imported of it can't be told here")
    elif wheel.groups:
        groups = ", ".join(wheel.groups)
        yield _finding(asked, Severity.NOTE, f"; it may be started, or loaded by others ({groups})")
    elif loaded:
        yield _finding(asked, Severity.NOTE, "; other packages load it where it is installed")
    elif tree.needs(asked):
        yield _finding(asked, Severity.NOTE, "; another dependency needs it, so this only chooses its version")
    else:
        yield _finding(asked, Severity.WARNING, "")


def _finding(asked: Requirement, severity: Severity, more: str) -> Finding:
    spaced = f" {more}" if more and not more.startswith(";") else more
    return Finding(
        tool=NAME,
        rule=RULE,
        severity=severity,
        message=f"Nothing imports {asked.written or asked.name}{spaced}",
        path=asked.path,
        line=asked.line,
        symbol=asked.name,
        remedy=f"Take it out of {asked.path}, or use it.",
        fingerprint=fingerprint(NAME, RULE, asked.path, asked.name),
    )
