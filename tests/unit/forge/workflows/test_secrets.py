"""Secrets: what is hidden in logs."""

from __future__ import annotations

import base64

import pytest

from tdev.forge.workflows.secrets import masks

KEY = "-----BEGIN KEY-----\nc2VjcmV0LW9mLXRoZS1hcHA\n-----END KEY-----"


def hidden(text: str, *secrets: str) -> str:
    raw = text.encode()
    for each in masks(secrets):
        raw = raw.replace(each, b"***")
    return raw.decode()


def test_each_line_of_a_secret_is_hidden() -> None:
    assert hidden("a c2VjcmV0LW9mLXRoZS1hcHA b", KEY) == "a *** b"
    assert "KEY" not in hidden(repr(KEY), KEY).replace("***", "")


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("after", ["", "x", "xy", "xyz"])
def test_a_secret_is_hidden_in_base64_wherever_it_stands(before: str, after: str) -> None:
    secret = "correct-horse-battery"
    text = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    left = hidden(text, secret)
    assert "***" in left
    assert len(left.replace("***", "")) <= 12


def test_an_empty_secret_hides_nothing() -> None:
    assert hidden("text", "", " ") == "text"
