"""A policy file's text as values with places; YAML's surprises are errors."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tdev.policy.document import MAX_BYTES, read_document
from tdev.policy.problems import Place, PolicyProblems, dotted, shown


def problem(text: str) -> str:
    with pytest.raises(PolicyProblems) as caught:
        read_document(text)
    return caught.value.problems[0].at("f")


def test_values_and_places() -> None:
    document = read_document("a: 1\nb:\n  c: [x, 2.5]\n  d: true\n  e: 2024-01-01\n  f: 1_000\n  g:\n")
    assert document.data == {"a": 1, "b": {"c": ["x", 2.5], "d": True, "e": "2024-01-01", "f": 1000, "g": None}}
    assert document.places["b", "c", 1] == Place(3, 10)
    assert document.places["b", "d"] == Place(4, 3)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "null\n", "\ufeff# mark"])
def test_an_empty_file_says_nothing(text: str) -> None:
    assert read_document(text).data == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "f:1:1: the file must hold keys and values"),
        ("just text", "f:1:1: the file must hold keys and values"),
        ("a: [1", "f:1:6: this is not YAML"),
        ("a: 1\n b: 2\n", "f:2:3: this is not YAML: mapping values are not allowed here"),
        ("a: 1\n\tb: 2\n", "f:2:1: this is not YAML"),
        ("a: 1\na: 2\n", "f:2:1: 'a' is given twice, first in line 1"),
        ("a:\n  b: 1\n  b: 2\n", "f:3:3: 'b' is given twice, first in line 2"),
        ("a: &x [1]\nb: [*x, *x]\n", "f:2:5: aliases (*x) are not allowed"),
        ("a: !!python/object/apply:os.system [id]\n", "f:1:4: tags (!name) are not allowed"),
        ("a: !secret x\n", "f:1:4: tags (!name) are not allowed"),
        ("a: !!str 1\n", "f:1:4: tags (!name) are not allowed"),
        ("a: 1\n---\nb: 2\n", "f:2:1: there is a second YAML document"),
        ("? [a, b]\n: 1\n", "f:1:3: a key must be a plain word"),
        ("a: 010\n", "f:1:4: '010' is not a plain decimal number"),
        ("a: 0x10\n", "f:1:4: '0x10' is not a plain decimal number"),
        ("a: 1:30\n", "f:1:4: '1:30' is not a plain decimal number"),
        ("a: .inf\n", "f:1:4: '.inf' is not a plain decimal number"),
        ("a: .nan\n", "f:1:4: '.nan' is not a plain decimal number"),
        ("a: " + "9" * 5000, "is not a plain decimal number"),
        ("a: yes\n", "f:1:4: 'yes' is read as true or false"),
        ("a: off\n", "f:1:4: 'off' is read as true or false"),
        ("a: b\n\x07", "f:2:1: there is a character that YAML does not allow"),
        ("a: " + "[" * 3000, "nested deeper than 12 levels"),
        ("a: " + "{b: " * 3000, "nested deeper than 12 levels"),
        ("x" * (MAX_BYTES + 1), "f:1:1: the file is larger than 64 KiB"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, message: str) -> None:
    assert message in problem(text)


def test_all_problems_are_told() -> None:
    with pytest.raises(PolicyProblems) as caught:
        read_document("a: 010\na: 1\nb: yes\n")
    assert [each.place.line for each in caught.value.problems] == [1, 2, 3]


def test_a_message_hides_nothing_and_is_not_long() -> None:
    assert "\u202e" not in shown("a\u202eb")
    assert len(shown("x" * 1000)) <= 60


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    started = time.perf_counter()
    assert "aliases" in problem("\n".join(lines))
    assert time.perf_counter() - started < 0.5


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_document(text)
    except PolicyProblems as error:
        assert error.problems


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**9), 10**9),
        st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), values, max_size=4))
def test_what_yaml_writes_is_read_back(data: dict[str, object]) -> None:
    assert read_document(yaml.safe_dump(data)).data == data


def test_keys_are_shown_with_dots_and_numbers() -> None:
    assert dotted(("waivers", 0, "reason")) == "waivers[0].reason"
    assert dotted(()) == ""
