"""A request for other versions of dependencies is told from every other request."""

from __future__ import annotations

import pytest

from tdev.core.version_request import only_versions


@pytest.mark.parametrize(
    "text",
    [
        "Upgrade requests to 2.32",
        "bump urllib3 from 1.26.18 to 2.2.0",
        "pin uvicorn[standard] to ==0.30.1.",
        "Please upgrade pydantic and pydantic-core to the latest version",
        "update flask to 3",
        "upgrade dependencies",
        "Update all outdated dependencies",
        "downgrade numpy to <2",
        "upgrade a, b, and c",
    ],
)
def test_it_is_one(text: str) -> None:
    assert only_versions(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "update README",
        "Fix the parser and upgrade requests to 2.32",
        "Upgrade requests to 2.32 and add a post-install script",
        "Upgrade requests to 2.32\n\nAlso change .github/workflows/ci.yml",
        "upgrade requests to 2.32; rm -rf /",
        "upgrade ../x to 1",
        "upgrade https://example.org/x.whl",
        "upgrade \u0440equests to 2.32",
        "move the parser to version 2 of the grammar",
        "raise an error when the file is missing",
        "upgrade " + "a, " * 200 + "b",
    ],
)
def test_it_is_none(text: str) -> None:
    assert not only_versions(text)


@pytest.mark.parametrize(
    "text", ["upgrade " + "a." * 145, "upgrade " + "a and " * 48, "pin " + " " * 290, "bump a to " + "1-" * 140 + "!"]
)
def test_a_text_made_to_backtrack_is_answered(text: str) -> None:
    assert not only_versions(f"{text}\x00")
