"""Which texts hold a command, and which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.command import MEANINGS, Command, Name, parse


@pytest.mark.parametrize("name", list(Name))
def test_every_command_is_understood_and_explained(name: Name) -> None:
    assert parse(f"/tdev {name.value}") == Command(name)
    assert parse(f"/tdev {name.value.upper()}  ") == Command(name)
    assert MEANINGS[name]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/tdev", Command(Name.HELP)),
        ("  /tdev evolve  types and imports ", Command(Name.EVOLVE, "types and imports")),
        ("Hello\r\n/tdev status\r\nThanks", Command(Name.STATUS, following="Thanks")),
        ("/tdev answer\n1. yes\n2. no\n/tdev status", Command(Name.ANSWER, following="1. yes\n2. no")),
        ("/tdev build\n```\ncode\n```", Command(Name.BUILD, following="```\ncode\n```")),
        ("~~~\n```\n~~~\n/tdev stop", Command(Name.STOP)),
        ("````\n```\n/tdev build\n````\n/tdev stop", Command(Name.STOP)),
        ("``` a`b\n/tdev stop", Command(Name.STOP)),
        ("> quoted\n\n/tdev stop", Command(Name.STOP)),
        ("/tdev ev\u200bolve", Command(Name.EVOLVE)),
        ("<!-- /tdev build -->\n/tdev stop", Command(Name.STOP)),
        ("/tdev evovle", Command(Name.HELP, unknown="evovle", nearest=Name.EVOLVE)),
        ("/tdev xyzzy now", Command(Name.HELP, unknown="xyzzy")),
    ],
)
def test_commands(text: str, command: Command) -> None:
    assert parse(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tdev build",
        "please /tdev build",
        "/tdevbuild",
        "/tdev-build",
        "`/tdev build`",
        "    /tdev build",
        "\t/tdev build",
        "> /tdev build",
        " > /tdev build",
        "- /tdev build",
        "1. /tdev build",
        "```\n/tdev build\n```",
        "```sh\n/tdev build",
        "~~~\n/tdev build\n~~~",
        "```\n/tdev build\n~~~\n/tdev stop",
        "<!--\n/tdev build\n-->",
        "<!--\n/tdev build",
    ],
)
def test_what_is_quoted_code_or_hidden_is_no_command(text: str) -> None:
    assert parse(text) is None


@given(st.text(alphabet=st.sampled_from("/tdev build>`~\n -*<!1.\u200b"), max_size=60) | st.text(max_size=200))
def test_any_text_is_read_without_trouble(text: str) -> None:
    command = parse(text)
    assert command is None or "/tdev" in text.replace("\u200b", "")
