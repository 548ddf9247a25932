"""Patch files as cases: header lines, and one difference per commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PASS, FAIL = "pass", "fail"
BAD_OF_FAMILY = 2
_ONE_RULE = frozenset({"api"})
HEADERS = {"Subject", "Base", "Verdict", "Rule", "At", "Shape"}


@dataclass(frozen=True)
class Commit:
    """One commit of a case."""

    subject: str
    """Its message."""
    diff: str
    """A difference as `git apply` takes it."""


@dataclass(frozen=True)
class Case:
    """One pull request, and the verdict that is right for it."""

    name: str
    """`family/name.bad` or `family/name.clean`."""
    base: str
    """Name of the repository."""
    verdict: str
    """PASS or FAIL."""
    rule: str
    """What it is about."""
    path: str
    """Where a finding must stand; empty = no single place."""
    text: str
    """Part of the line there."""
    shape: str
    """What it is modelled on."""
    commits: tuple[Commit, ...]
    """Oldest first."""

    @property
    def family(self) -> str:
        """First part of the name."""
        return self.name.partition("/")[0]

    @property
    def clean(self) -> bool:
        """True for a change that must be let through."""
        return self.verdict == PASS


def read_cases(folder: Path = HERE / "cases") -> tuple[Case, ...]:
    """All cases, by name; raises ValueError where a file is not of the form."""
    return tuple(read_case(file, folder) for file in sorted(folder.rglob("*.patch")))


def read_case(file: Path, folder: Path) -> Case:
    """The case in one file; raises ValueError where it is not of the form."""
    name = file.relative_to(folder).as_posix().removesuffix(".patch")
    parts = _parts(file.read_text("utf-8"))
    header = parts[0][0]
    if not set(header) <= HEADERS or header.get("Verdict") not in (PASS, FAIL) or not header.get("Rule"):
        raise ValueError(f"{file}: the header is wrong: {header}")
    if not name.endswith(".clean" if header["Verdict"] == PASS else ".bad"):
        raise ValueError(f"{file}: the name does not say what the verdict is")
    path, _, text = header.get("At", "").partition(": ")
    return Case(
        name=name,
        base=header["Base"],
        verdict=header["Verdict"],
        rule=header["Rule"],
        path=path,
        text=text,
        shape=header.get("Shape", ""),
        commits=tuple(Commit(head["Subject"], diff) for head, diff in parts),
    )


def base_diff(name: str) -> str:
    """The patch that makes a base repository out of nothing."""
    ((_, diff),) = _parts((HERE / "bases" / f"{name}.patch").read_text("utf-8"))
    return diff


def short_form(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Of each family one clean case, and BAD_OF_FAMILY bad ones of different rules."""
    chosen: list[Case] = []
    for case in cases:
        alike = [each for each in chosen if (each.family, each.verdict) == (case.family, case.verdict)]
        new_rule = case.rule not in {each.rule for each in alike} or case.family in _ONE_RULE
        if len(alike) < (1 if case.clean else BAD_OF_FAMILY) and new_rule:
            chosen.append(case)
    return tuple(chosen)


def _parts(text: str) -> Sequence[tuple[dict[str, str], str]]:
    """Header and difference of each commit in a file."""
    found: list[tuple[dict[str, str], list[str]]] = []
    in_header = False
    for line in text.splitlines(keepends=True):
        if not in_header and line.startswith("Subject: "):
            in_header = True
            found.append(({}, []))
        if in_header and not line.strip():
            in_header = False
        elif in_header:
            key, _, value = line.partition(": ")
            found[-1][0][key] = value.strip()
        else:
            found[-1][1].append(line)
    return [(header, "".join(lines)) for header, lines in found]
