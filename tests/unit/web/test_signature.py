"""Signatures: GitHub's own example, and everything that is none."""

from __future__ import annotations

import pytest

from tdev.web.signature import is_signed, sign

GITHUB_S_EXAMPLE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_the_example_of_githubs_documentation() -> None:
    assert sign("It's a Secret to Everybody", b"Hello, World!") == GITHUB_S_EXAMPLE
    assert is_signed("It's a Secret to Everybody", b"Hello, World!", GITHUB_S_EXAMPLE)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        GITHUB_S_EXAMPLE.upper(),
        GITHUB_S_EXAMPLE[:-1],
        GITHUB_S_EXAMPLE + "0",
        GITHUB_S_EXAMPLE + "\n",
        GITHUB_S_EXAMPLE.replace("sha256", "sha1"),
        "sha256=" + "é" * 64,
        "sha256=" + "0" * 64,
    ],
)
def test_anything_else_is_no_signature(header: str) -> None:
    assert not is_signed("It's a Secret to Everybody", b"Hello, World!", header)
    assert not is_signed("another", b"Hello, World!", GITHUB_S_EXAMPLE)
