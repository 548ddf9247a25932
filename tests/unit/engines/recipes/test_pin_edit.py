from __future__ import annotations

import pytest

from tdev.engines.recipes.pin_edit import raise_pin


@pytest.mark.parametrize(
    ("path", "before", "line", "after"),
    [
        ("requirements.txt", "a==1\nPyYAML==5.3  # why\nb==5.3\n", 2, "a==1\nPyYAML==5.4  # why\nb==5.3\n"),
        ("requirements.txt", "pyyaml == 5.3 ; python_version < '4'\r\n", 1, "pyyaml == 5.4 ; python_version < '4'\r\n"),
        ("requirements/dev.txt", "pyyaml[c]===5.3", 1, "pyyaml[c]===5.4"),
        (
            "pyproject.toml",
            'dependencies = ["a==5.3", "pyyaml==5.3"]\n',
            1,
            'dependencies = ["a==5.3", "pyyaml==5.4"]\n',
        ),
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\npyyaml = '5.3'\n",
            2,
            "[tool.poetry.dependencies]\npyyaml = '5.4'\n",
        ),
        (
            "pyproject.toml",
            'pyyaml = {version = "==5.3", extras = ["c"]}\n',
            0,
            'pyyaml = {version = "==5.4", extras = ["c"]}\n',
        ),
    ],
)
def test_only_the_version_changes(path: str, before: str, line: int, after: str) -> None:
    edit = raise_pin(path, before, line, "pyyaml", "5.3", "5.4")
    assert (edit.text, edit.reason) == (after, "")


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("requirements.txt", "pyyaml==5.3 --hash=sha256:00\n", "hashes"),
        ("requirements.txt", "pyyaml==5.3 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n", "hashes"),
        ("requirements.txt", "pyyaml==5.3.1\n", "in a place that is clear"),
        ("requirements.txt", "my-pyyaml==5.3\n", "in a place that is clear"),
        ("requirements.txt", "a\npyyaml==5.3; x\npyyaml==5.3; y\n", "in a place that is clear"),
        ("uv.lock", 'name = "pyyaml"\nversion = "5.3"\n', "its own tool"),
    ],
)
def test_what_is_not_clear_is_left(path: str, text: str, reason: str) -> None:
    edit = raise_pin(path, text, 1 if "a\n" not in text else 0, "pyyaml", "5.3", "5.4")
    assert edit.text == text
    assert reason in edit.reason
