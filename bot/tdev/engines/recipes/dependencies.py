"""dependencies: pins with known vulnerabilities are raised to the lowest version without any.

Comes in: a Job; which pins are vulnerable comes from tools/dependencies.py, so recipe and gate see
the same. Goes out: requirement files and pyproject.toml with single versions raised by pin_edit.

Each candidate version is looked up before it is taken: the one that mends an advisory may have
another. Projects with a lock file are left to the tool that wrote it, since we could not keep both
in step. Nothing is installed here; the tests that follow install the new versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tdev.adapters.files import explained
from tdev.core.globs import matches
from tdev.engines.engine import Job, Work
from tdev.engines.recipes import ruff, summary
from tdev.engines.recipes.pin_edit import raise_pin
from tdev.engines.recipes.source_files import LeftAlone, in_repository, in_scope, is_asked_for, is_plain_file
from tdev.errors import Refused, TransientError
from tdev.tools import pip_audit
from tdev.tools.dependencies import VulnerablePin, vulnerable_pins
from tdev.tools.toolbox import Toolbox

_LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
_MOST_LOOK_UPS = 10


class _Raise(NamedTuple):
    """One pin and the version it is raised to."""

    pin: VulnerablePin
    version: str


def perform(job: Job) -> Work:
    """Raise the vulnerable pins of the task's dependency files, and nothing else in them.

    A second attempt leaves out the packages that the failing tests name and does not cross major versions, a third
    does not cross minor ones. Raises TransientError when the vulnerability service gives no complete answer, Refused
    when there are vulnerable pins and none can be raised.
    """
    toolbox = Toolbox(job.settings)
    audit = vulnerable_pins(toolbox, job.project, ruff.seconds(job))
    if not audit.report.ok:
        raise TransientError(
            f"The dependencies could not be looked up: {audit.report.reason}.",
            next_step="Check the network, or set TDEV_OSV_URL to a vulnerability service that can be reached.",
        )
    pins = [pin for pin in audit.pins if is_asked_for(job, pin.path)]
    if not pins:
        looked = audit.report.reason or f"{summary.counted(audit.report.examined, 'pin')} looked up, none vulnerable"
        return Work(summary="No pin was changed.", nothing_to_do=f"{looked[0].upper()}{looked[1:]}.")
    left: list[LeftAlone] = []
    raised = list(_raise_all(job, toolbox, pins, left))
    alone = summary.left_alone(left)
    if not raised:
        raise Refused(
            f"{summary.counted(len(pins), 'vulnerable pin')} can't be raised by the recipe dependencies.",
            next_step=alone,
        )
    return Work(summary=summary.joined(f"Raised {'; '.join(_said(one) for one in raised)}.", alone))


def _raise_all(job: Job, toolbox: Toolbox, pins: Iterable[VulnerablePin], left: list[LeftAlone]) -> Iterator[_Raise]:
    """Edit the files; what is left alone is noted."""
    for pin in pins:
        reason = _why_not(job, pin)
        version = "" if reason else _clean_version(job, toolbox, pin)
        if not version:
            left.append(LeftAlone(f"{pin.path} ({pin.package} {pin.version})", reason or _no_fix(job, pin)))
            continue
        file = job.project / pin.path
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        edit = raise_pin(pin.path, text, pin.line, pin.package, pin.version, version)
        if edit.reason:
            left.append(LeftAlone(f"{pin.path} ({pin.package} {pin.version})", edit.reason))
            continue
        with explained(job.project):
            file.write_bytes(edit.text.encode("utf-8", "surrogateescape"))
        yield _Raise(pin, version)


def _why_not(job: Job, pin: VulnerablePin) -> str:
    """Why a pin must not be touched; empty when it may."""
    if not is_plain_file(job.project, pin.path):
        return "is reached through a symbolic link"
    if not in_scope(job, pin.path):
        return "is outside the policy's write scope"
    if matches(in_repository(job, pin.path), job.policy.research.exclude):
        return "is excluded by the policy"
    folder, _, name = pin.path.rpartition("/")
    place = job.project / folder
    lock = next((lock for lock in _LOCK_FILES if name == "pyproject.toml" and (place / lock).is_file()), "")
    if lock:
        return f"has a lock file, {lock}, that would no longer agree; raise it with the tool that wrote that"
    if job.attempt > 1 and _is_named(pin.package, "\n".join(job.feedback)):
        return "is named by tests that failed with the newer version"
    return ""


def _is_named(package: str, text: str) -> bool:
    plain = text.lower().replace("_", "-").replace(".", "-")
    return package in plain


def _clean_version(job: Job, toolbox: Toolbox, pin: VulnerablePin) -> str:
    """The lowest version with a fix that has no known vulnerability itself; empty when none is known.

    Raises TransientError when the service does not answer.
    """
    offered = {fixed for each in pin.vulnerabilities for fixed in each.fixed}
    for version in sorted(offered, key=pip_audit.release)[:_MOST_LOOK_UPS]:
        if not _near_enough(job, pin.version, version):
            continue
        key = (pin.package, version)
        answers = pip_audit.look_up(toolbox, [key], ruff.seconds(job))
        if answers.reason or key not in answers.vulnerabilities:
            raise TransientError(f"{pin.package} {version} could not be looked up: {answers.reason or 'no answer'}.")
        if not answers.vulnerabilities[key]:
            return version
    return ""


def _near_enough(job: Job, old: str, new: str) -> bool:
    """True when this attempt may raise that far."""
    same = min(job.attempt - 1, 2)
    before, after = (*pip_audit.release(old), 0, 0)[:same], (*pip_audit.release(new), 0, 0)[:same]
    return before == after


def _no_fix(job: Job, pin: VulnerablePin) -> str:
    if job.attempt > 1 and pin.fixed:
        return f"has its fix in {pin.fixed}, too far from {pin.version} for another attempt"
    return "has no version without known vulnerabilities"


def _said(one: _Raise) -> str:
    names = ", ".join(each.id for each in one.pin.vulnerabilities)
    return f"{one.pin.package} {one.pin.version} -> {one.version} in {one.pin.path} ({names})"
