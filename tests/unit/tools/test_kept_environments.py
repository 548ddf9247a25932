from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tdev.settings import Settings
from tdev.tools.kept_environments import FRESH_SECONDS, filling, is_kept, keep, key_of, put

KEY = key_of("environment", ["pytest"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", policies=tmp_path, blueprints=tmp_path)


def filled(folder: Path, shebang: str) -> tuple[Path, Path]:
    packages, scripts = folder / "lib" / "site-packages", folder / "bin"
    for place in (packages / "calc", scripts):
        place.mkdir(parents=True)
    (packages / "calc" / "__init__.py").write_text("x = 1\n")
    (scripts / "calc").write_text(f"{shebang}\nprint('run')\n")
    (scripts / "calc").chmod(0o755)
    (scripts / "binary").write_bytes(b"\x7fELF")
    (scripts / "python").symlink_to("/nowhere/python")
    return packages, scripts


def empty(folder: Path) -> tuple[Path, Path]:
    packages, scripts = folder / "lib" / "site-packages", folder / "bin"
    for place in (packages, scripts):
        place.mkdir(parents=True)
    return packages, scripts


@pytest.mark.parametrize("shebang", ["#!/a/bin/python", "#!/bin/sh\n'''exec' /a/bin/python \"$0\" \"$@\"\n' '''"])
def test_what_is_kept_comes_back_and_scripts_start_the_interpreter_beside_them(
    settings: Settings, tmp_path: Path, shebang: str
) -> None:
    keep(settings, KEY, *filled(tmp_path / "a", shebang))
    packages, scripts = empty(tmp_path / "it's b")
    assert put(settings, KEY, packages, scripts)
    assert (packages / "calc" / "__init__.py").read_text() == "x = 1\n"
    assert (scripts / "binary").read_bytes() == b"\x7fELF" and not (scripts / "python").exists()
    (scripts / "python").write_text('#!/bin/sh\necho "with $0"; tail -1 "$1"\n')
    for name in ("python", "calc"):
        (scripts / name).chmod(0o755)
    said = os.popen(f'"{scripts / "calc"}"').read()
    assert said == f"with {scripts / 'python'}\nprint('run')\n"


def test_nothing_is_shared_but_the_content(settings: Settings, tmp_path: Path) -> None:
    packages, scripts = filled(tmp_path / "a", "#!/a/bin/python")
    keep(settings, KEY, packages, scripts)
    (packages / "calc" / "__init__.py").write_text("changed = True\n")
    first = empty(tmp_path / "b")
    assert put(settings, KEY, *first)
    (first[0] / "calc" / "__init__.py").write_text("changed = True\n")
    second = empty(tmp_path / "c")
    assert put(settings, KEY, *second)
    assert (second[0] / "calc" / "__init__.py").read_text() == "x = 1\n"


def test_another_key_has_nothing_and_an_old_entry_counts_for_nothing(settings: Settings, tmp_path: Path) -> None:
    keep(settings, KEY, *filled(tmp_path / "a", "#!/a/bin/python"))
    assert is_kept(settings, KEY) and not is_kept(settings, key_of("environment", ["other"]))
    entry = settings.cache / "environments" / KEY
    past = time.time() - FRESH_SECONDS - 60
    os.utime(entry, (past, past))
    assert not is_kept(settings, KEY)
    keep(settings, KEY, *filled(tmp_path / "b", "#!/b/bin/python"))
    assert is_kept(settings, KEY)


def test_one_that_is_half_there_is_told(settings: Settings, tmp_path: Path) -> None:
    keep(settings, KEY, *filled(tmp_path / "a", "#!/a/bin/python"))
    broken = settings.cache / "environments" / KEY / "site-packages" / "calc" / "gone.py"
    broken.symlink_to("nowhere")
    broken.unlink()
    (settings.cache / "environments" / KEY / "bin" / "calc").unlink()
    (settings.cache / "environments" / KEY / "bin").rename(settings.cache / "bin")
    assert not put(settings, KEY, *empty(tmp_path / "b"))


def test_where_nothing_can_be_written_nothing_is_kept(settings: Settings, tmp_path: Path) -> None:
    settings.cache.parent.mkdir(parents=True)
    settings.cache.write_text("no folder")
    keep(settings, KEY, *filled(tmp_path / "a", "#!/a/bin/python"))
    assert not is_kept(settings, KEY)


def test_one_at_a_time_fills_a_folder_for_the_same_key(settings: Settings, tmp_path: Path) -> None:
    source = filled(tmp_path / "a", "#!/a/bin/python")
    made: list[int] = []

    def fill(number: int) -> None:
        with filling(settings, KEY):
            if not is_kept(settings, KEY):
                time.sleep(0.1)
                made.append(number)
                keep(settings, KEY, *source)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(4)))
    assert len(made) == 1


def test_few_are_kept_the_newest(settings: Settings, tmp_path: Path) -> None:
    source = filled(tmp_path / "a", "#!/a/bin/python")
    for number in range(15):
        keep(settings, key_of(number), *source)
        moment = time.time() - 100 + number
        os.utime(settings.cache / "environments" / key_of(number), (moment, moment))
    kept = [number for number in range(15) if is_kept(settings, key_of(number))]
    assert kept == list(range(3, 15))
