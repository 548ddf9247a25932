"""docs/bot.md is made from commands, App and settings; the App's manifest is what GitHub takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tdev.core.command import Name
from tdev.errors import ConfigurationError
from tdev.settings import Settings
from tdev.triggers.table import TRIGGERS
from tdev.web.app_manifest import PERMISSIONS, manifest, registration_page

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "bot.md").read_text("utf-8")
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


def test_the_tables_are_current() -> None:
    done = subprocess.run(
        (sys.executable, "docs/make_bot_tables.py", "--check"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_commands_events_and_permissions() -> None:
    assert [name for name in Name if f"`/tdev {name.value}" not in PAGE] == []
    assert [event for event in TRIGGERS if event.replace("_", " ") not in PAGE] == []
    assert [each.name for each in PERMISSIONS if f"| {each.name.replace('_', ' ')} | {each.level} |" not in PAGE] == []


@pytest.mark.parametrize("field", FIELDS)
def test_each_setting_is_named_and_read(field: str) -> None:
    variable = f"TDEV_{field.upper()}"
    assert f"| `{variable}`" in PAGE
    read = Settings.from_environment({variable: "7", "HOME": "/"})
    assert getattr(read, field) != getattr(Settings.from_environment({"HOME": "/"}), field)
    assert "7" in str(getattr(read, field))


def test_secrets_are_not_printed() -> None:
    read = Settings.from_environment({"TDEV_WEBHOOK_SECRET": "hush-1", "TDEV_APP_PRIVATE_KEY": "hush-2", "HOME": "/"})
    assert "hush" not in repr(read)


def test_the_manifest_and_the_filled_in_page_say_the_same() -> None:
    made = manifest("https://tdev.example.org/")
    assert made["hook_attributes"] == {"url": "https://tdev.example.org/webhook", "active": True}
    assert made["default_events"] == list(TRIGGERS) and made["public"] is False
    permissions = made["default_permissions"]
    assert isinstance(permissions, dict) and permissions == {each.name: each.level for each in PERMISSIONS}
    assert "administration" not in permissions and "secrets" not in permissions
    page = parse_qs(urlsplit(registration_page("https://tdev.example.org")).query)
    assert page["webhook_url"] == ["https://tdev.example.org/webhook"] and page["events[]"] == list(TRIGGERS)
    assert {name: page[name] for name in permissions} == {name: [level] for name, level in permissions.items()}


@pytest.mark.parametrize("url", ["", "tdev.example.org", "ftp://x", "https://", "https://x/?a=b"])
def test_no_address_no_manifest(url: str) -> None:
    with pytest.raises(ConfigurationError):
        manifest(url)


def test_the_command_prints_the_manifest_and_needs_no_settings() -> None:
    words = (sys.executable, "-m", "tdev.cli.main", "serve", "--manifest", "https://tdev.example.org")
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={"HOME": "/nowhere"})
    assert json.loads(done.stdout) == manifest("https://tdev.example.org")
    assert registration_page("https://tdev.example.org") in done.stderr
