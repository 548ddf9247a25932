"""The grammar under generated text: it ends in a specification with or without questions, or in Refused; never else."""

from __future__ import annotations

import keyword

from hypothesis import given, settings
from hypothesis import strategies as st

from tdev.core.crud_answers import answers_for
from tdev.core.openapi import document, operation_count
from tdev.core.requirement import documents
from tdev.core.requirement.check import check
from tdev.core.requirement.grammar import parse
from tdev.core.service_names import property_name
from tdev.errors import Refused

PIECES = st.sampled_from(
    """\
# |## Resources\n|## 자원\n|### |- |: |string|문자열|integer|-> |one of |, |required|unique|1..80|..|AC-1: |optional
## User stories\n|As a member, I want to create |싶다|을 |Room|방|(|)|\n|\n\n|{{ 7*7 }}|{% raw %}|</script>|../..|class
## Acceptance criteria\n|operations: create|\t|_id|`|\\|<!--|\u202e|\u200b|\ud7ff|😀| — """.replace("|", "\v").split(
        "\v"
    )
)
REQUIREMENTS = st.lists(PIECES | st.text(max_size=6), max_size=60).map("".join)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
LINES = st.tuples(
    NAMES, st.sampled_from(["string", "text", "integer", "number", "boolean", "date", "datetime", "email"])
)


@settings(max_examples=400, deadline=2000)
@given(REQUIREMENTS)
def test_any_text_ends_in_a_specification_or_a_refusal(text: str) -> None:
    try:
        spec = parse(text).spec
    except Refused:
        return
    assert [question.number for question in spec.questions] == list(range(1, len(spec.questions) + 1))
    assert documents.questions(spec)
    if spec.questions:
        return
    assert spec.resources
    assert check(spec) == ()
    document(spec)
    answers_for(spec, readme="README.md", workflow=True)
    documents.srs(spec, text)


@settings(max_examples=150, deadline=2000)
@given(st.lists(LINES, min_size=1, max_size=12, unique_by=lambda pair: pair[0]))
def test_every_field_is_built_or_asked_about(lines: list[tuple[str, str]]) -> None:
    body = "".join(f"- {name}: {kind}\n" for name, kind in lines)
    spec = parse(f"# A\n## Resources\n### Room\n{body}").spec
    if spec.questions:
        asked = " ".join(question.text for question in spec.questions)
        assert "called" in asked or "_" in body or any(name in asked for name, _ in lines)
        return
    assert len(spec.resources[0].fields) == len(lines)
    assert not any(keyword.iskeyword(property_name(field)) for field in spec.resources[0].fields)
    assert operation_count(spec) == 6
