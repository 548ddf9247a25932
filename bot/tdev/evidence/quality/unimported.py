"""Packages that nothing seems to import, looked at once more, one by one: what is certain is a warning, else a note.

A package is used when a module of its wheel is imported, or when settings, images or addresses speak of it. A note is
what others may load or start: a plugin, a program, a driver, a version that another dependency needs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
MOST = 20
"""More packages than this are not asked about."""
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
        """The line that asks for a package, with the address that it may come from."""
        said = [each for each in self._asked_in(one.path) if each.name == one.name]
        found = next(iter(said), Requirement(one.name, "", one.path, 0, written=one.written))
        return replace(found, url=next((each.url for each in said if each.url), ""))

    def spoken_of(self, names: frozenset[str]) -> frozenset[str]:
        """Those of the names, in small letters, that stand in some file."""
        texts = ((path, self._text(path)) for path in self.files if names and may_mention(path))
        return frozenset(name for path, text in texts for name in mentioned(path, text, names))

    def needed_in(self, path: str, candidates: Collection[str]) -> frozenset[str]:
        """Names of what the other dependencies of a file bring along."""
        said = (each for each in self._asked_in(path) if each.name not in candidates and each.name not in self.own)
        others = {each.name: each for each in said if not each.url}
        chosen = resolve(self.commit.run.settings, list(others.values()), _SECONDS)
        return frozenset(name for name, _ in chosen.origins)

    def _asked_in(self, path: str) -> tuple[Requirement, ...]:
        return self.manifests.get(path, Dependencies()).requirements

    def _text(self, path: str) -> str:
        return (self.commit.checkout / path).read_text("utf-8", "replace")


def findings_about(
    commit: Commit,
    files: Mapping[str, str],
    modules: frozenset[str],
    candidates: Sequence[Candidate],
    names: Mapping[str, tuple[str, ...]],
) -> Found:
    """What is to be said of each; `modules` are all that the commit's `files` import, `names` modules by package."""
    tree = _Tree(commit, files, modules)
    wanted = [tree.requirement(one) for one in candidates if one.name not in tree.own]
    needed = {path: tree.needed_in(path, {one.name for one in wanted}) for path in {one.path for one in wanted}}
    pinned = [one for one in wanted if one.name in needed[one.path]]
    alone = [one for one in wanted if one not in pinned]
    wheels = {one: _wheel(tree, one, names) for one in alone[:MOST]}
    reason = next((wheel.reason for wheel in wheels.values() if wheel.reason), "")
    unused = {one: wheel for one, wheel in wheels.items() if not (wheel.reason or wheel.modules & modules)}
    called = {one: _called(one, wheel) for one, wheel in unused.items()}
    spoken = tree.spoken_of(frozenset(name for words in called.values() for name in words))
    loaded = popular_names((commit.run.settings.policies / LOADED_FILE).read_text("utf-8"))
    findings = [_judged(one, wheel, loaded) for one, wheel in unused.items() if not called[one] & spoken]
    findings += [_finding(one, "; another dependency needs it, so this only chooses its version") for one in pinned]
    findings += [_finding(one, f"; no more than {MOST} such packages are looked at") for one in alone[MOST:]]
    return Found(tuple(findings), reason)


def _wheel(tree: _Tree, asked: Requirement, names: Mapping[str, tuple[str, ...]]) -> Wheel:
    """What can be imported of a package: from the list, else from itself."""
    if asked.name in names:
        return Wheel(frozenset(names[asked.name]))
    if asked.url:
        return Wheel(none=True)
    run = tree.commit.run
    return read_wheel(run.settings, asked, min(_SECONDS, run.policy.limits.tool_seconds))


def _called(asked: Requirement, wheel: Wheel) -> frozenset[str]:
    """Names under which a file may speak of a package, in small letters."""
    return frozenset({*(name.lower() for name in all_modules(wheel.modules, asked.name)), asked.name})


def _judged(asked: Requirement, wheel: Wheel, loaded: frozenset[str]) -> Finding:
    if wheel.none:
        return _finding(asked, " by its own name; what else can be imported of it can't be told here")
    if wheel.groups:
        return _finding(asked, f"; it may be started, or loaded by others ({', '.join(wheel.groups)})")
    if asked.name in loaded:
        return _finding(asked, "; other packages load it where it is installed")
    return _finding(asked)


def _finding(asked: Requirement, but: str = "") -> Finding:
    """A warning, or a note for what may be used all the same; `but` says why."""
    return Finding(
        tool=NAME,
        rule=RULE,
        severity=Severity.NOTE if but else Severity.WARNING,
        message=f"Nothing imports {asked.written or asked.name}{but}",
        path=asked.path,
        line=asked.line,
        symbol=asked.name,
        remedy=f"Take it out of {asked.path}, or use it.",
        fingerprint=fingerprint(NAME, RULE, asked.path, asked.name),
    )
