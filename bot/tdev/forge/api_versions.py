"""The two versions of the REST API, and how their documents differ.

Follows "API Versions" and "Breaking changes" of GitHub's documentation. Comes in: what X-GitHub-Api-Version
asks for, and a document as 2022-11-28 has it, which all handlers make. Goes out: the document as the version
asked for has it. Statuses that differ the handlers choose themselves (`Call.api_version`). The changes to
advisories, gists and migrations, and the type of submodules in listings of folders, are left out.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from tdev.forge.answers import ApiError

OLDEST = "2022-11-28"
"""What is served where no version is asked for."""
NEWEST = "2026-03-10"
VERSIONS = (OLDEST, NEWEST)
_GONE = (
    ("has_downloads", "archive_url"),
    ("use_squash_pr_title_as_default", "archive_url"),
    ("assignee", "assignees"),
    ("merge_commit_sha", "diff_url"),
    ("rate", "resources"),
    ("authorizations_url", "current_user_url"),
)
"""Fields that the newer version has not, each with a field its document is known by."""


def version_of(asked: str) -> str:
    """The version to serve; ApiError 400 for one there is not."""
    version = asked or OLDEST
    if version not in VERSIONS:
        why = f"The version of the API you requested, {version}, is not supported. Use {' or '.join(VERSIONS)}."
        raise ApiError(HTTPStatus.BAD_REQUEST, why)
    return version


def as_of(version: str, document: Any) -> Any:
    """A document as a version has it."""
    if version == OLDEST:
        return document
    if isinstance(document, list):
        return [as_of(version, item) for item in document]
    if not isinstance(document, dict):
        return document
    gone = {name for name, known_by in _GONE if known_by in document}
    return {name: as_of(version, value) for name, value in document.items() if name not in gone}
