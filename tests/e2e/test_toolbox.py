from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import Ended
from tdev.errors import ConfigurationError, TransientError
from tdev.settings import Settings
from tdev.tools import toolbox as module
from tdev.tools.pins import read_pins
from tdev.tools.toolbox import Toolbox
from tdev.tools.wheels import fetch

pytestmark = pytest.mark.e2e
SMALL = "radon"


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings whose programs are installed in a folder of the test's own."""
    (settings.home / "tools").unlink()
    return settings


def test_first_use_installs_and_the_second_does_not(own: Settings, tmp_path: Path) -> None:
    toolbox = Toolbox(own)
    assert not toolbox.installed(SMALL)
    done = toolbox.run(SMALL, "--version", cwd=tmp_path, timeout=60)
    assert (done.exit_code, done.stdout.strip()) == (0, toolbox.version(SMALL))
    assert toolbox.installed(SMALL)
    before = toolbox.environment(SMALL).stat().st_ino
    assert toolbox.install([SMALL]) == ()
    assert toolbox.environment(SMALL).stat().st_ino == before


def test_the_interpreter_is_of_our_version(settings: Settings, tmp_path: Path) -> None:
    python = Toolbox(settings).python(SMALL)
    code = "import sys; print(sys.version_info[:2])"
    assert subprocess.run((python, "-c", code), capture_output=True, text=True).stdout.strip() == str(
        sys.version_info[:2]
    )


def test_a_program_reads_nothing_of_the_user_and_sees_no_credential(settings: Settings, tmp_path: Path) -> None:
    toolbox = Toolbox(replace(settings, credentials={"ANTHROPIC_API_KEY": "x"}))
    toolbox.python(SMALL)
    program = toolbox.environment(SMALL) / "bin" / "radon"
    surroundings = toolbox._surroundings(SMALL, program)
    assert Path(surroundings["HOME"]).is_relative_to(settings.cache)
    assert not {"ANTHROPIC_API_KEY", "GITHUB_TOKEN"} & set(surroundings)
    assert surroundings["PATH"].startswith(str(program.parent))


def test_a_half_made_environment_is_made_anew(own: Settings, tmp_path: Path) -> None:
    toolbox = Toolbox(own)
    folder = toolbox.environment(SMALL)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "radon").write_text("#!/bin/sh\nexit 7\n")
    assert toolbox.run(SMALL, "--version", cwd=tmp_path, timeout=60).exit_code == 0


def test_an_environment_whose_interpreter_has_gone_is_made_anew(own: Settings, tmp_path: Path) -> None:
    toolbox = Toolbox(own)
    (toolbox.python(SMALL)).unlink()
    assert not toolbox.installed(SMALL)
    assert toolbox.run(SMALL, "--version", cwd=tmp_path, timeout=60).exit_code == 0


def test_a_killed_installation_leaves_nothing_that_counts(own: Settings, tmp_path: Path) -> None:
    code = (
        "from tdev.settings import Settings\nfrom tdev.tools.toolbox import Toolbox\n"
        "Toolbox(Settings.from_environment()).install(['schemathesis'])\n"
    )
    environment = {**os.environ, "TDEV_HOME": str(own.home)}
    child = subprocess.Popen((sys.executable, "-c", code), env=environment)
    folder = Toolbox(own).environment("schemathesis")
    deadline = time.monotonic() + 60
    while not list(folder.parent.glob(f".{folder.name}.*.new")) and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not Toolbox(own).installed("schemathesis")
    assert Toolbox(own).run("schemathesis", "--version", cwd=tmp_path, timeout=60).ok
    assert not list(folder.parent.glob(f".{folder.name}.*.new"))


def test_two_processes_at_once_install_it_once(own: Settings) -> None:
    code = (
        "from tdev.settings import Settings\nfrom tdev.tools.toolbox import Toolbox\n"
        f"print(Toolbox(Settings.from_environment()).python('{SMALL}'))\n"
    )
    environment = {**os.environ, "TDEV_HOME": str(own.home)}
    children = [
        subprocess.Popen((sys.executable, "-c", code), env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    printed = {child.communicate()[0].strip() for child in children}
    assert [child.returncode for child in children] == [0, 0, 0]
    assert len(printed) == 1 and Path(printed.pop()).exists()
    assert len([entry for entry in own.tool_environments.iterdir() if entry.is_dir()]) == 1


def test_another_lock_is_another_environment(own: Settings, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(own.policies, policies)
    lock = policies / "tools" / f"{SMALL}.lock"
    lock.write_text(lock.read_text() + "# changed\n")
    assert Toolbox(own).environment(SMALL) != Toolbox(replace(own, policies=policies)).environment(SMALL)


def test_without_a_network_it_says_which_command_to_repeat(own: Settings) -> None:
    cut_off = {"UV_INDEX_URL": "http://127.0.0.1:9/simple", "UV_NO_CACHE": "1", "UV_HTTP_RETRIES": "0"}
    with pytest.raises(TransientError) as caught:
        Toolbox(replace(own, installer_environment=cut_off)).program(SMALL)
    assert f"tdev tools install {SMALL}" in caught.value.next_step
    assert not Toolbox(own).installed(SMALL)


def test_a_file_that_is_not_the_locked_one_is_refused(own: Settings, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(own.policies, policies)
    lock = policies / "tools" / "pip.lock"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", lock.read_text()))
    with pytest.raises(ConfigurationError, match="not the one that was locked"):
        Toolbox(replace(own, policies=policies)).program("pip")


def test_names_that_are_not_pinned_are_refused_with_the_nearest(settings: Settings) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Toolbox(settings).program("semgrap")
    assert caught.value.next_step == "Did you mean semgrep?"
    with pytest.raises(ConfigurationError, match="has no program"):
        Toolbox(settings).program(SMALL, "rm")


def test_waiting_for_another_installation_ends(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "INSTALL_SECONDS", 0.3)
    folder = Toolbox(own).environment(SMALL)
    folder.parent.mkdir()
    with module._locked(folder, SMALL, 1), pytest.raises(TransientError, match="Another process"):
        Toolbox(own).program(SMALL)


def test_every_pin_has_a_lock_with_its_version_and_no_address(settings: Settings) -> None:
    locked = {name: pin for name, pin in read_pins(settings.policies).items() if not pin.go}
    for name, pin in locked.items():
        text = (settings.policies / "tools" / f"{name}.lock").read_text()
        assert f"{name}=={pin.version}" in text
        assert "://" not in text and "--hash=sha256:" in text


def test_the_command(settings: Settings, tdev: Callable[..., Ended]) -> None:
    listed = tdev("tools", "list", "--json")
    assert {tool["name"] for tool in json.loads(listed.stdout)["tools"]} >= {"semgrep", "ruff", "pip-audit"}
    ran = tdev("tools", "run", SMALL, "--", "--version")
    assert (ran.exit_code, ran.stdout.strip()) == (0, Toolbox(settings).version(SMALL))
    wrong = tdev("tools", "install", "nosuch")
    assert wrong.exit_code == 2 and "tdev tools list" in wrong.stderr


def test_wheels_of_a_cache_are_held_against_the_lock(own: Settings, tmp_path: Path) -> None:
    """Offline from wheels: the locked ones are installed, one whose content was changed is refused."""
    policies = tmp_path / "policies"
    (policies / "tools").mkdir(parents=True)
    pins = (own.policies / "tools.toml").read_text()
    wanted = [f"[{name}]" + pins.split(f"[{name}]")[1].split("\n\n")[0] for name in ("pip", "vulture")]
    (policies / "tools.toml").write_text("\n\n".join(wanted) + "\n")
    for name in ("pip", "vulture"):
        shutil.copy(own.policies / "tools" / f"{name}.lock", policies / "tools")
    online = replace(own, policies=policies)
    folder = tmp_path / "wheels"
    assert fetch(Toolbox(online), folder) == 2

    def offline(name: str) -> Settings:
        places = {"UV_OFFLINE": "1", "UV_FIND_LINKS": str(folder), "UV_CACHE_DIR": str(tmp_path / name)}
        home = tmp_path / f"home-{name}"
        home.mkdir()
        return replace(online, home=home, installer_environment={**online.installer_environment, **places})

    assert Toolbox(offline("good")).run("vulture", "--version", cwd=tmp_path, timeout=60).ok
    (wheel,) = folder.glob("vulture-*.whl")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("sitecustomize.py", "print('mine')")
    toolbox = Toolbox(offline("changed"))
    with pytest.raises(ConfigurationError, match="not the one that was locked"):
        toolbox.install(["vulture"])
    assert not toolbox.installed("vulture")
    wheel.write_bytes(b"")
    with pytest.raises((ConfigurationError, TransientError)):
        toolbox.install(["vulture"])
    assert not toolbox.installed("vulture")
