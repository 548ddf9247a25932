"""policies/default.yml and the examples: whole, explained, and the same as the models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tdev.policy.check import checked, validated
from tdev.policy.document import read_document
from tdev.policy.keys import key, keys
from tdev.policy.model import Policy
from tdev.policy.page import BEGIN, END, key_table, with_key_table

ROOT = Path(__file__).parents[3]
DEFAULT = (ROOT / "policies" / "default.yml").read_text("utf-8")
EXAMPLES = sorted((ROOT / "policies" / "examples").glob("*.yml"))


def test_the_default_file_is_the_models_defaults() -> None:
    assert validated(checked(read_document(DEFAULT))) == Policy()
    assert yaml.safe_load(DEFAULT) == Policy().model_dump(mode="json")


def test_the_default_file_misses_no_key_and_says_a_line_about_each() -> None:
    document = read_document(DEFAULT)
    lines = DEFAULT.splitlines()
    for each in keys():
        if "[]" in each.name:
            continue
        place = document.places[tuple(each.name.split("."))]
        assert re.match(r"\s*# \w", lines[place.line - 2]), f"{each.name} has no comment"


def test_every_key_says_what_it_means_and_allows() -> None:
    for each in keys():
        assert len(each.meaning) > 8, each.name
        assert each.allowed, each.name


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_examples_are_right(file: Path) -> None:
    text = file.read_text("utf-8")
    assert validated(checked(read_document(text))) != Policy()
    assert text.startswith("# ")


def test_the_page_has_the_table_of_all_keys() -> None:
    page = (ROOT / "docs" / "policies.md").read_text("utf-8")
    assert with_key_table(page) == page
    assert BEGIN in page
    for each in keys():
        if not each.section:
            assert f"| `{each.name}` |" in page


def test_the_page_links_only_examples_that_exist_and_all_of_them() -> None:
    page = (ROOT / "docs" / "policies.md").read_text("utf-8")
    assert sorted(set(re.findall(r"examples/([a-z-]+\.yml)", page))) == [file.name for file in EXAMPLES]


def test_a_page_without_marks_stays_as_it_is() -> None:
    assert with_key_table("a page") == "a page"
    assert with_key_table(f"a {BEGIN} old {END} b") == f"a {BEGIN}\n{key_table()}{END} b"


def test_a_key_is_found_by_its_name() -> None:
    found = key("waivers[3].reason")
    assert found is not None
    assert found.name == "waivers[].reason"
    assert found.required
    assert key("gates.nothing") is None
