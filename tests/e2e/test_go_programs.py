"""Programs in Go: built from their locked module, verified when used, and what is said where they can't be built."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.machine import lacks
from tdev.errors import ConfigurationError
from tdev.settings import Settings
from tdev.tools.go_programs import found_go
from tdev.tools.pins import go_module, read_pins
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e
SMALL = "actionlint"


@pytest.fixture
def own(settings: Settings) -> Iterator[Settings]:
    """Settings whose programs are built in a folder of the test's own."""
    if not found_go(settings):
        lacks("no Go on this machine: install it from https://go.dev/dl")
    (settings.home / "tools").unlink()
    yield settings


def without_go(settings: Settings) -> Settings:
    """The same on a machine that has no Go."""
    return replace(settings, child_environment={**settings.child_environment, "PATH": "/usr/bin:/bin"})


def test_every_go_program_has_a_module_that_pins_its_version(settings: Settings) -> None:
    pins = [pin for pin in read_pins(settings.policies).values() if pin.go]
    assert {pin.name for pin in pins} >= {"act", "actionlint", "gitleaks", "osv-scanner", "k6"}
    for pin in pins:
        folder = go_module(settings.policies, pin.name)
        text, sums = (folder / "go.mod").read_text(), (folder / "go.sum").read_text()
        assert f"tool {pin.go}\n" in text
        module = next(
            line for line in text.splitlines()
            if (word := line.split()[0] if line.split() else "") and f"{pin.go}/".startswith(f"{word}/")
        )  # fmt: skip
        assert f" v{pin.version}" in module and f"{module.split()[0]} v{pin.version} h1:" in sums


def test_a_program_is_built_once_and_one_that_was_changed_is_built_anew(own: Settings, tmp_path: Path) -> None:
    toolbox = Toolbox(own)
    assert not toolbox.installed(SMALL)
    done = toolbox.run(SMALL, "-version", cwd=tmp_path, timeout=60)
    assert done.ok and done.stdout.startswith(f"v{toolbox.version(SMALL)}\n")
    assert toolbox.install([SMALL]) == ()
    program = toolbox.environment(SMALL) / "bin" / SMALL
    program.write_text("#!/bin/sh\nexit 0\n")
    assert not toolbox.installed(SMALL)
    assert toolbox.run(SMALL, "-version", cwd=tmp_path, timeout=60).stdout.startswith("v")

    machine = without_go(own)
    assert Toolbox(machine).program(SMALL) == program, "what was built serves without Go"
    program.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(ConfigurationError, match="no Go on this machine"):
        Toolbox(machine).program(SMALL)


def test_a_module_that_is_not_the_locked_one_is_not_built(own: Settings, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(own.policies, policies)
    file = go_module(policies, SMALL) / "go.sum"
    lines = file.read_text().splitlines()
    wrong = [
        line.split(" h1:")[0] + " h1:" + "A" * 43 + "=" if "rhysd/actionlint v" in line else line for line in lines
    ]
    file.write_text("\n".join(wrong) + "\n")
    toolbox = Toolbox(replace(own, policies=policies))
    with pytest.raises(ConfigurationError, match="not the one that was locked"):
        toolbox.program(SMALL)
    assert not toolbox.installed(SMALL)


def test_without_go_everything_else_is_installed(settings: Settings, tmp_path: Path) -> None:
    (settings.home / "tools").unlink()
    policies = tmp_path / "policies"
    shutil.copytree(settings.policies, policies)
    pins = (policies / "tools.toml").read_text()
    before, act, after = pins.partition("[act]")
    (policies / "tools.toml").write_text(before + act + after.replace("on_demand = true\n", "", 1))
    bare = Toolbox(without_go(replace(settings, policies=policies)))
    if found_go(bare.settings):
        lacks("this machine's Go is where every machine's programs are")
    with pytest.raises(ConfigurationError, match="Install Go from") as caught:
        bare.install([SMALL])
    assert "Go 1." in str(caught.value)
    told: list[str] = []
    usual = [pin.name for pin in bare._usual(told.append)]
    assert "radon" in usual and not set(usual) & {"act", SMALL, "k6"}
    assert [line.split(" is built with Go")[0] for line in told] == ["Left out: act"]


def test_a_go_that_is_too_old_is_named(own: Settings, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "VERSION").write_text("go1.19.8\n")
    go = tmp_path / "bin" / "go"
    go.write_text("#!/bin/sh\nexit 1\n")
    go.chmod(0o755)
    old = replace(own, child_environment={**own.child_environment, "PATH": f"{go.parent}:/usr/bin:/bin"})
    with pytest.raises(ConfigurationError, match=r"this machine has go1\.19\.8"):
        Toolbox(old).program(SMALL)
