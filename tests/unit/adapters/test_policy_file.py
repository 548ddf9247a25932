"""The policy in force, from the default file and the repository's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdev.adapters.policy_file import PolicyFile, decoded, in_force, load, read_file
from tdev.errors import ConfigurationError, ExitCode
from tdev.policy.document import MAX_BYTES
from tdev.policy.model import EngineChoice, Policy
from tdev.policy.problems import Place
from tdev.settings import Settings


def test_without_a_file_the_defaults_hold(settings: Settings) -> None:
    assert load(settings, None) == Policy()
    assert load(settings, "") == Policy()


def test_the_repository_overlays_the_default_file(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "default.yml").write_text("engine: recipes\nlimits:\n  tasks: 7\n  patch_files: 9\n", "utf-8")
    policy = load(replace(settings, policies=tmp_path), "limits:\n  tasks: 3\nscope:\n  write: ['src/**']\n")
    assert policy.engine is EngineChoice.RECIPES
    assert (policy.limits.tasks, policy.limits.patch_files) == (3, 9)
    assert policy.scope.write == ("src/**",)
    assert policy.scope.protect == Policy().scope.protect


def test_an_error_names_file_line_column_and_what_to_do(settings: Settings) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(settings, "engine: auto\ngates:\n  tests:\n    coverge: 1\nlimts: 2\n")
    assert caught.value.message.startswith(".github/tdev.yml:4:5: unknown key 'coverge' in gates.tests; nearest:")
    assert "one more problem" in caught.value.next_step
    assert caught.value.exit_code is ExitCode.CONFIGURATION


def test_a_broken_default_file_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "default.yml").write_text("engne: auto\n", "utf-8")
    with pytest.raises(ConfigurationError, match=r"^policies/default\.yml:1:1: unknown key 'engne'"):
        load(replace(settings, policies=tmp_path), None)


def test_a_missing_default_file_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"default\.yml can't be read"):
        load(replace(settings, policies=tmp_path / "nowhere"), None)


def test_where_a_value_comes_from(settings: Settings) -> None:
    force = in_force(settings, PolicyFile("mine.yml", "gates:\n  tests:\n    coverage_drop: 2\n"))
    found = force.origin("gates.tests.coverage_drop")
    assert found is not None
    assert (found.source, found.place) == ("mine.yml", Place(3, 5))
    default = force.origin("engine")
    assert default is not None
    assert default.source == "policies/default.yml"
    assert force.origin("gates.nothing") is None


def test_bytes_that_are_no_text_are_named_with_their_place() -> None:
    with pytest.raises(ConfigurationError, match=r"^f:2:4: the file is not UTF-8"):
        decoded(b"a: 1\nb: \xff\n", "f")


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decoded(b"\xef\xbb\xbfengine: auto", "f") == "engine: auto"


def test_a_large_file_is_refused_before_it_is_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "large.yml"
    file.write_bytes(b"# x\n" * 2**18)
    with pytest.raises(ConfigurationError, match="larger than 64 KiB"):
        read_file(file)
    with pytest.raises(ConfigurationError, match="larger than 64 KiB"):
        decoded(b" " * (MAX_BYTES + 1), "f")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_file(tmp_path / "none.yml")
