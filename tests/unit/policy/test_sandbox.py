"""The sandbox's limits: a repository lowers what the machine's own default file says, and never raises it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdev.adapters.policy_file import PolicyFile, in_force, load, problems_of
from tdev.errors import ConfigurationError
from tdev.policy.document import read_document
from tdev.policy.sandbox import MIB, USUAL_LIMITS, CellLimits, beyond
from tdev.settings import Settings


@pytest.fixture
def raised(settings: Settings, tmp_path: Path) -> Settings:
    """A machine whose own file gives more memory and two processors."""
    (tmp_path / "default.yml").write_text("sandbox:\n  memory_bytes: 8589934592\n  cpus: 2.0\n", "utf-8")
    return replace(settings, policies=tmp_path)


def test_a_repository_asks_for_less(settings: Settings) -> None:
    limits = load(settings, "sandbox:\n  memory_bytes: 1048576\n  cpus: 1.5\n").sandbox
    assert (limits.memory_bytes, limits.cpus) == (MIB, 1.5)
    assert limits.processes == USUAL_LIMITS.processes


@pytest.mark.parametrize("name", CellLimits.model_fields)
def test_a_repository_never_gets_more(settings: Settings, name: str) -> None:
    usual = getattr(USUAL_LIMITS, name)
    if not usual:
        settings = settings_with(settings, name)
        usual = 2.0
    more, same = f"sandbox:\n  {name}: {usual * 2}\n", f"sandbox:\n  {name}: {usual}\n"
    assert getattr(load(settings, same).sandbox, name) == usual
    with pytest.raises(ConfigurationError, match=rf"^\.github/tdev\.yml:2:3: sandbox\.{name} is .* allows {usual}"):
        load(settings, more)
    found = problems_of(settings, PolicyFile("mine.yml", more))
    assert [problem.key for problem in found] == [f"sandbox.{name}"]
    assert problems_of(settings, PolicyFile("mine.yml", same)) == ()


def settings_with(settings: Settings, name: str) -> Settings:
    folder = settings.home / "own-policies"
    folder.mkdir(parents=True)
    (folder / "default.yml").write_text(f"sandbox:\n  {name}: 2.0\n", "utf-8")
    return replace(settings, policies=folder)


def test_no_limit_is_more_than_any(raised: Settings) -> None:
    with pytest.raises(ConfigurationError, match=r"sandbox\.cpus is 0\.0"):
        load(raised, "sandbox:\n  cpus: 0.0\n")


def test_the_machine_raises_it_for_all(raised: Settings) -> None:
    assert load(raised, None).sandbox.memory_bytes == 8192 * MIB
    assert load(raised, f"sandbox:\n  memory_bytes: {6144 * MIB}\n").sandbox.memory_bytes == 6144 * MIB
    force = in_force(raised, PolicyFile("mine.yml", "sandbox:\n  cpus: 1\n"))
    origins = [force.origin(f"sandbox.{name}") for name in ("memory_bytes", "cpus", "processes")]
    assert [origin and origin.source for origin in origins] == ["policies/default.yml", "mine.yml", None]


def test_every_limit_that_is_too_high_is_told(settings: Settings) -> None:
    text = f"sandbox:\n  processes: 513\n  open_files: 4096\n  disk_bytes: {1 << 40}\n"
    problems = problems_of(settings, PolicyFile("mine.yml", text))
    assert [(problem.key, problem.place.line) for problem in problems] == [
        ("sandbox.processes", 2),
        ("sandbox.disk_bytes", 4),
    ]


@pytest.mark.parametrize("text", ["", "sandbox:\n", "engine: auto\n"])
def test_who_asks_for_nothing_has_no_problem(text: str) -> None:
    assert beyond(read_document(text), USUAL_LIMITS, "default.yml") == ()


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "true", "'512'", "[1]", "{a: 1}"])
def test_nonsense_is_no_limit(settings: Settings, value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sandbox\.processes"):
        load(settings, f"sandbox:\n  processes: {value}\n")
