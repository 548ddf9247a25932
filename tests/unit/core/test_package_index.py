from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tdev.core.own_licence import own_licence
from tdev.core.package_index import JSON_FORM, facts_of_metadata, page_of, same_version

PAGE = "https://index.example/simple/tool/"
HTML = """<!DOCTYPE html><html><body>
<a href="../../f/tool-1.0-py3-none-any.whl#sha256=aa" data-core-metadata="sha256=bb">tool</a>
<a href="../../f/tool-1.0.tar.gz" data-yanked="broken">tool</a>
<a href="../../f/tool-2.0.zip">tool</a> <a href="../../f/readme.txt">readme</a> <a name="x">none</a>
</body></html>"""


def test_a_page_in_html_tells_files_but_no_days() -> None:
    page = page_of(HTML, PAGE, "text/html")
    wheel, source = page.release("1.0.0")
    assert (wheel.url, wheel.wheel, wheel.metadata) == ("https://index.example/f/tool-1.0-py3-none-any.whl", True, True)
    assert (source.wheel, source.yanked, source.metadata) == (False, True, False)
    assert page.release("2") and not page.release("3")
    assert page.first is None and wheel.uploaded is None


def test_a_page_in_json_tells_the_first_day() -> None:
    rows = [
        {"filename": "tool-2.0.tar.gz", "url": "a", "upload-time": "2024-05-01T10:00:00.5Z", "yanked": False},
        {"filename": "tool-1.0.tar.gz", "url": "b", "upload-time": "2020-01-02T00:00:00Z", "yanked": "why"},
        {"filename": "tool-0.1.tar.gz", "url": "c"},
    ]
    page = page_of(json.dumps({"files": rows}), PAGE, JSON_FORM)
    assert page.first == datetime(2020, 1, 2, tzinfo=UTC)
    assert [file.yanked for file in page.release("1.0")] == [True]
    assert page.release("2.0")[0].uploaded == datetime(2024, 5, 1, 10, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3}', "<html>"])
def test_what_is_no_page_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        page_of(text, PAGE, JSON_FORM)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.0", "1.0.0", True),
        ("1", "1.0", True),
        ("1.0rc1", "1.0.rc1", True),
        ("01.2", "1.2", True),
        ("1.0+local", "1.0+LOCAL", True),
        ("1.0", "1.1", False),
        ("1.0", "10", False),
        ("1.0", "1.0rc1", False),
        ("1.0.post1", "1.0", False),
        ("", "1", False),
    ],
)
def test_versions_are_compared_as_they_are_meant(one: str, other: str, same: bool) -> None:
    assert same_version(one, other) is same


def test_what_a_package_says_of_itself() -> None:
    lines = (
        "Metadata-Version: 2.1",
        "License: BSD",
        "Classifier: License :: OSI Approved :: MIT License",
        "Project-URL: Source, https://git.example.org/tool",
        "Project-URL: Docs, ask us",
        "Home-page: UNKNOWN",
        "",
        "Home-page: https://elsewhere.example.org",
    )
    facts = facts_of_metadata("\n".join(lines))
    assert facts.addresses == ("https://git.example.org/tool",)
    assert facts.licence == "(BSD-3-Clause) AND (MIT)"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"pyproject.toml": '[project]\nlicense = "GPL-3.0-only"\n', "LICENSE": "MIT License"}, "GPL-3.0-only"),
        ({"pyproject.toml": '[project]\nlicense = {file = "COPYING"}\n', "COPYING": "MIT License"}, "MIT"),
        (
            {"COPYING": "        GNU GENERAL PUBLIC LICENSE\n        Version 3, 29 June 2007"},
            "GPL-3.0-or-later",
        ),
        ({"LICENSE.txt": "GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3"}, "AGPL-3.0-or-later"),
        ({"LICENSE": "All rights reserved."}, ""),
        ({"pyproject.toml": "[[[", "src/LICENSE": "MIT"}, ""),
        ({}, ""),
    ],
)
def test_the_licence_of_a_repository(files: dict[str, str], found: str) -> None:
    assert own_licence(tuple(files), files.__getitem__) == found
