"""The two versions of the REST API."""

from __future__ import annotations

import pytest

from tdev.forge.answers import ApiError
from tdev.forge.api_versions import NEWEST, OLDEST, as_of, version_of

PULL = {
    "number": 1,
    "assignee": None,
    "assignees": [],
    "diff_url": "x",
    "merge_commit_sha": "y",
    "base": {"repo": {"archive_url": "x", "has_downloads": False, "has_issues": True}},
}


def test_without_a_version_the_oldest_is_served() -> None:
    assert version_of("") == OLDEST
    assert version_of(NEWEST) == NEWEST
    with pytest.raises(ApiError) as caught:
        version_of("2020-01-01")
    assert caught.value.http_status == 400


def test_the_newest_version_lacks_what_it_has_dropped() -> None:
    assert as_of(OLDEST, PULL) == PULL
    newer = {"number": 1, "assignees": [], "diff_url": "x", "base": {"repo": {"archive_url": "x", "has_issues": True}}}
    assert as_of(NEWEST, [PULL]) == [newer]


def test_fields_of_other_documents_stay() -> None:
    assert as_of(NEWEST, {"assignee": "mona"}) == {"assignee": "mona"}
    assert as_of(NEWEST, {"merge_commit_sha": "x"}) == {"merge_commit_sha": "x"}
    assert as_of(NEWEST, b"text") == b"text"
