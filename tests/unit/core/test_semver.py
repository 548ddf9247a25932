from __future__ import annotations

import pytest

from tdev.core.semver import precedence


def test_versions_sort_as_the_specification_says() -> None:
    ordered = [
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
        "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0", "v2.0.0-20230101000000-abcdefabcdef", "2",
    ]  # fmt: skip
    keys = [precedence(version) for version in ordered]
    assert None not in keys
    assert sorted(keys, key=lambda key: key or ((0, 0, 0), False, ())) == keys


def test_build_metadata_does_not_count() -> None:
    assert precedence("2.0.1+incompatible") == precedence("v2.0.1")


@pytest.mark.parametrize("text", ["", "latest", "^1.0", "1.2.3.4", "git+https://x"])
def test_what_is_no_version(text: str) -> None:
    assert precedence(text) is None
