"""Packages that a change brings: may their licences be used, and are they what somebody meant to bring?

Comes in: two commits. Goes out: findings of `licences` and of `new-dependencies`, for two checks of the security gate.
Asked about is only what the base does not have, neither named nor needed; of what it has in another version, files and
age are looked at. Nothing of a package runs. An index that can't be reached is no evidence; names that look like those
of popular packages are told all the same, for a name that was taken from the index can't be resolved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from tdev.adapters.git import Git
from tdev.core.artifacts.finding import Finding, ToolReport
from tdev.core.dependency_change import DependencyChange, dependency_change
from tdev.core.manifests import Requirement
from tdev.core.own_licence import own_licence
from tdev.core.package_names import popular_names, taken_for
from tdev.gates.security.new_dependencies import UNREACHABLE
from tdev.policy.security_gate import SecurityGate
from tdev.settings import Settings
from tdev.tools import newcomers, package_index
from tdev.tools.brought import Said, brought, names_at
from tdev.tools.dependencies import NOTHING_NEW, at_commit
from tdev.tools.newcomers import Newcomer
from tdev.tools.package_index import Releases

NAME = "packages"
POPULAR_FILE = "popular-packages.txt"


def look(
    settings: Settings, git: Git, base_sha: str, head_sha: str, rules: SecurityGate, now: datetime, timeout: float
) -> ToolReport:
    """What is to be said of the packages that the head brings; `now` is UTC, `timeout` in seconds.

    Raises TransientError when git fails.
    """
    before, after = at_commit(git, base_sha), at_commit(git, head_sha)
    change = dependency_change(before, after)
    if change.problems:
        return ToolReport(tool=NAME, ok=False, reason="; ".join(change.problems))
    if not change.requirements:
        reason = f"{NOTHING_NEW} ({change.files} dependency files compared)"
        return ToolReport(tool=NAME, ok=True, reason=reason)
    popular = popular_names((settings.policies / POPULAR_FILE).read_text("utf-8"))
    new = brought(settings, change, before, after, timeout)
    if new.reason:
        names = _by_name_alone(change, before, popular, now)
        return ToolReport(tool=NAME, ok=False, reason=new.reason, findings=tuple(names))
    wanted = [Newcomer(*pin, origin) for pin, origin in new.origins.items()]
    releases = package_index.look_up(settings, new.origins, now, timeout)
    if releases.reason:
        names = _by_name_alone(change, before, popular, now)
        return ToolReport(tool=NAME, ok=False, reason=f"{UNREACHABLE}: {releases.reason}", findings=tuple(names))
    known = names_at(settings, before, _loosened(change), timeout)
    own = own_licence(git.files(base_sha), lambda path: _text(git, base_sha, path))
    found = tuple(_findings(wanted, releases, known, popular, rules, own, now))
    return ToolReport(tool=NAME, ok=True, examined=len(wanted), findings=found)


def _findings(
    wanted: Iterable[Newcomer],
    releases: Releases,
    known: frozenset[str],
    popular: frozenset[str],
    rules: SecurityGate,
    own: str,
    now: datetime,
) -> Iterator[Finding]:
    for one in wanted:
        release = releases.found[one.name, one.version]
        if not release.files:
            yield newcomers.absent(one)
            yield from newcomers.of_name(one, taken_for(one.name, popular), release, now)
            continue
        yield from newcomers.of_files(one, release)
        yield from newcomers.of_age(one, release, rules.new_dependencies, now)
        if one.name in known:
            continue
        yield from newcomers.of_name(one, taken_for(one.name, popular), release, now)
        yield from newcomers.of_licence(one, release, rules.licences, own)
        if one.name not in popular:
            yield from newcomers.of_source(one, release)


def _by_name_alone(change: DependencyChange, before: Said, popular: frozenset[str], now: datetime) -> Iterator[Finding]:
    """What the names that the change adds look like, where no index says more."""
    old = {each.name for one in before.values() for each in one.requirements}
    new: dict[str, Requirement] = {each.name: each for each in change.requirements if each.name not in old}
    for name, origin in new.items():
        yield from newcomers.of_name(Newcomer(name, origin.version, origin), taken_for(name, popular), None, now)


def _loosened(change: DependencyChange) -> list[str]:
    """Names of requirements that leave the version open."""
    return [each.name for each in change.requirements if not each.version]


def _text(git: Git, sha: str, path: str) -> str:
    return git.run("cat-file", "blob", f"{sha}:{path}").stdout
