"""Which runner the demo takes: what was asked for, else act where it was built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdev.demo.runner import chosen_runner
from tdev.settings import Settings
from tdev.tools import go_programs
from tdev.tools.pins import read_pins


@pytest.fixture
def bare(tmp_path: Path) -> Settings:
    """A machine on which nothing is installed."""
    return Settings.from_environment({"HOME": str(tmp_path), "TDEV_HOME": str(tmp_path / "home"), "PATH": "/usr/bin"})


def test_without_act_the_own_runner_is_taken_and_it_is_said_how_to_get_act(bare: Settings) -> None:
    runner, why = chosen_runner(bare, None)
    assert runner == "own" and "tdev tools install act" in why


def test_act_is_taken_where_it_was_built_and_is_unchanged(bare: Settings) -> None:
    pin = read_pins(bare.policies)["act"]
    folder = go_programs.folder_of(bare, pin)
    built = folder.with_name(folder.name.removesuffix("-nogo") + "-go1.26.5")
    (built / "bin").mkdir(parents=True)
    (built / "bin" / "act").write_text("act")
    (built / ".tdev-ready").write_text(go_programs._sums(built, pin))
    assert chosen_runner(bare, None) == ("act", f"act {pin.version} is installed")
    assert chosen_runner(bare, "own")[0] == "own"
    (built / "bin" / "act").write_text("another")
    assert chosen_runner(bare, None)[0] == "own"


def test_what_is_asked_for_is_taken(bare: Settings) -> None:
    assert chosen_runner(bare, "act") == ("act", "as --runner says")
