"""pip-audit: known vulnerabilities of exact package versions, from an OSV service; no answer is never "none known".

Comes in: pairs of name and version. Goes out: what is known of each, for the security gate and the
recipe `dependencies`. The versions were chosen before, so nothing is resolved, downloaded or built
here.

pip-audit can end well with packages it skipped. Every pin that was asked about must be in the
answer, else the whole answer is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from tdev.adapters.private_folder import private_folder
from tdev.core.manifests import normalised
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.osv import osv_query_url
from tdev.tools.toolbox import Toolbox

NAME = "pip-audit"
_REQUEST_SECONDS = 10
_FOUND = 1

Pin = tuple[str, str]
"""Normalised name and exact version."""


@dataclass(frozen=True)
class Vulnerability:
    """One known vulnerability of one version."""

    id: str
    """As the service calls it, e.g. `GHSA-…` or `PYSEC-…`."""
    aliases: tuple[str, ...]
    """Other names, CVE numbers among them."""
    fixed: tuple[str, ...]
    """Versions that have a fix and are newer, lowest first; empty = none is known."""
    summary: str
    """What it is about, shortened."""


@dataclass(frozen=True)
class Answers:
    """What the service said."""

    vulnerabilities: dict[Pin, tuple[Vulnerability, ...]]
    """By pin; a pin that was answered and is clean has an empty tuple."""
    reason: str = ""
    """Why it is no evidence; empty when every pin was answered."""


class _Vulnerability(BaseModel):
    id: str
    fix_versions: list[str]
    aliases: list[str] = []
    description: str = ""


class _Dependency(BaseModel):
    name: str
    version: str | None = None
    vulns: list[_Vulnerability] | None = None
    skip_reason: str | None = None


class _Output(BaseModel):
    """What `pip-audit --format json` prints."""

    dependencies: list[_Dependency]


def look_up(toolbox: Toolbox, pins: Iterable[Pin], timeout: float) -> Answers:
    """Ask the service about each pin; `timeout` is in seconds, for all of them.

    Raises TransientError when pip-audit can't be installed.
    """
    answers: dict[Pin, tuple[Vulnerability, ...]] = {}
    for batch in _batches(pins):
        reason = _look_up(toolbox, batch, timeout, answers)
        if reason:
            return Answers(answers, reason)
    return Answers(answers)


def _look_up(
    toolbox: Toolbox, batch: Sequence[Pin], timeout: float, answers: dict[Pin, tuple[Vulnerability, ...]]
) -> str:
    """Ask about pins of different packages; returns why the answer is no evidence, or an empty string."""
    with private_folder("audit") as folder:
        requirements = folder / "requirements.txt"
        requirements.write_text("".join(f"{package}=={version}\n" for package, version in batch))
        done = toolbox.run(
            NAME,
            "--requirement", requirements, "--no-deps", "--disable-pip", "--strict",
            "--vulnerability-service", "osv", "--osv-url", osv_query_url(toolbox.settings),
            "--format", "json", "--desc", "on", "--aliases", "on", "--progress-spinner", "off",
            "--timeout", str(_REQUEST_SECONDS), "--cache-dir", folder / "cache",
            cwd=folder,
            timeout=timeout,
            environment=toolbox.settings.installer_environment,
        )  # fmt: skip
    if done.timed_out:
        return unreadable(NAME, done, timeout)
    try:
        output = _Output.model_validate_json(done.stdout)
    except ValidationError:
        return unreadable(NAME, done, timeout)
    if done.exit_code not in (0, _FOUND):
        return failed(NAME, done)
    return _take(output, batch, answers)


def _take(output: _Output, batch: Sequence[Pin], answers: dict[Pin, tuple[Vulnerability, ...]]) -> str:
    """Keep the answers; returns which pins have none."""
    said = {normalised(dependency.name): dependency for dependency in output.dependencies}
    for pin in batch:
        dependency = said.get(pin[0])
        if dependency is None:
            return f"pip-audit said nothing about {pin[0]} {pin[1]}"
        if dependency.skip_reason is not None or dependency.vulns is None:
            return f"pip-audit could not look up {pin[0]} {pin[1]}: {dependency.skip_reason or 'no reason was given'}"
        answers[pin] = tuple(_vulnerability(entry, pin[1]) for entry in dependency.vulns)
    return ""


def _vulnerability(entry: _Vulnerability, version: str) -> Vulnerability:
    summary = " ".join(entry.description.split())
    return Vulnerability(
        id=entry.id,
        aliases=tuple(entry.aliases),
        fixed=tuple(fixed for fixed in entry.fix_versions if release(fixed) > release(version)),
        summary=summary if len(summary) <= 200 else summary[:199] + "…",
    )


def release(version: str) -> tuple[int, ...]:
    """The numbers of a version's release part, to compare by: `2.10.1rc1` is (2, 10, 1)."""
    match = re.match(r"v?(?:\d+!)?(\d+(?:\.\d+)*)", version)
    numbers = tuple(int(part) for part in match.group(1).split(".")) if match else ()
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers


def _batches(pins: Iterable[Pin]) -> Iterator[list[Pin]]:
    """The pins in portions that hold each package once: pip-audit refuses two versions of one."""
    left = list(dict.fromkeys(pins))
    while left:
        batch = list({package: (package, version) for package, version in reversed(left)}.values())
        yield sorted(batch)
        taken = set(batch)
        left = [pin for pin in left if pin not in taken]
