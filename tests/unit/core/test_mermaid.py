"""The drawing: nothing in a title ends a label, a block, or starts a directive."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from tdev.core.artifacts.plan import Task, TaskState
from tdev.core.mermaid import flowchart, label

HOSTILE = (
    '`"]; end\nclick T1 "javascript:alert(1)"\n%%{init: {}}%% <img src=x onerror=alert(1)> #quot; @octocat ```\u202e'
)


def task(name: str, title: str, **more: object) -> Task:
    return Task.model_validate({"id": name, "title": title, "estimate_hours": 1, "risk": 2, **more})


@given(st.text())
def test_a_label_holds_no_mark_that_mermaid_or_markdown_acts_upon(text: str) -> None:
    shown = label(text)
    without_entities = re.sub(r"#\d+;", "", shown)
    assert not set(without_entities) & set("\"'`<>[]{}#;%&@|\\\n\r\u202e\u200b")


def test_a_hostile_title_stays_in_its_label() -> None:
    drawing = flowchart([task("T1", HOSTILE)])
    lines = drawing.splitlines()
    assert len(lines) == 3
    assert re.fullmatch(r'  T1\["[^"`<>%{}]*<br/>1 h, risk 2"\]:::pending', lines[1])


def test_a_label_reads_as_the_title() -> None:
    shown = re.sub(r"#(\d+);", r"&#\1;", label('Fix "x" & <y> in 한국어/é.py'))
    assert html.unescape(shown) == 'Fix "x" & <y> in 한국어/é.py'


def test_groups_arrows_and_states() -> None:
    drawing = flowchart(
        [
            task("T1", "Group"),
            task("T1.1", "Part", parent="T1", state=TaskState.DONE),
            task("T1.2", "Other", parent="T1", state=TaskState.FAILED),
            task("T2", "Later", needs=("T1.1",), after=("T1",)),
        ]
    )
    assert 'subgraph T1["T1 Group"]' in drawing
    assert 'T1_1["T1.1 Part<br/>1 h, risk 2"]:::done' in drawing
    assert "  T1_1 --> T2\n  T1 -.-> T2\n" in drawing
    assert "classDef failed" in drawing
    assert "classDef dropped" not in drawing


def test_no_tasks_no_drawing() -> None:
    assert flowchart([]) == ""
