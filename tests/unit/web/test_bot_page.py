"""docs/bot.md names every command, event and setting of the bot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdev.core.command import Name
from tdev.settings import Settings
from tdev.triggers.table import TRIGGERS

PAGE = (Path(__file__).parents[3] / "docs" / "bot.md").read_text("utf-8")
FIELDS = (
    "webhook_secret",
    "app_id",
    "app_private_key",
    "app_private_key_file",
    "github_api_url",
    "workflow",
    "poll_seconds",
    "runs_per_hour",
)


def test_commands_and_events() -> None:
    assert [name for name in Name if f"`/tdev {name.value}" not in PAGE] == []
    assert [event for event in TRIGGERS if event.replace("_", " ").removesuffix("s") not in PAGE] == []


@pytest.mark.parametrize("field", FIELDS)
def test_each_setting_is_named_and_read(field: str) -> None:
    variable = f"TDEV_{field.upper()}"
    assert f"`{variable}`" in PAGE
    read = Settings.from_environment({variable: "7", "HOME": "/"})
    assert getattr(read, field) != getattr(Settings.from_environment({"HOME": "/"}), field)
    assert "7" in str(getattr(read, field))


def test_secrets_are_not_printed() -> None:
    read = Settings.from_environment({"TDEV_WEBHOOK_SECRET": "hush-1", "TDEV_APP_PRIVATE_KEY": "hush-2", "HOME": "/"})
    assert "hush" not in repr(read)
