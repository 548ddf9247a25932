"""A plan as a Mermaid flowchart. Titles are untrusted: nothing in them ends a label or a block, or directs.

Syntax: https://mermaid.js.org/syntax/flowchart.html. GitHub renders it in the pull request's body and in plan.md.
Task titles carry words from issues, and Mermaid has directives, links and click handlers: all but letters, digits
and a few marks is therefore written as an entity code, and ids are made from task ids alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from tdev.core.artifacts.plan import Task, TaskState, leaves_of

LONGEST_LABEL = 60
_PLAIN = frozenset(" ,.:/_()-+")
_COLOURS = {
    TaskState.PENDING: "fill:#eef,stroke:#66c,color:#000",
    TaskState.DONE: "fill:#dfd,stroke:#393,color:#000",
    TaskState.UNCHANGED: "fill:#eee,stroke:#999,color:#000",
    TaskState.FAILED: "fill:#fdd,stroke:#c33,color:#000",
    TaskState.DROPPED: "fill:#fff,stroke:#999,color:#666,stroke-dasharray:4 3",
}


def flowchart(tasks: Sequence[Task]) -> str:
    """Groups as boxes, `needs` as arrows, `after` as dotted arrows, states as classes; empty for no tasks."""
    if not tasks:
        return ""
    children: dict[str, list[Task]] = {}
    for task in tasks:
        children.setdefault(task.parent, []).append(task)
    leaves = leaves_of(tasks)
    used = [state for state in TaskState if any(task.state is state for task in leaves)]
    lines = ["flowchart LR", *_boxes("", children, 1), *_arrows(tasks)]
    lines += [f"  classDef {state.value} {_COLOURS[state]}" for state in used]
    return "\n".join(lines) + "\n"


def label(text: str) -> str:
    """The text as the inside of a quoted Mermaid label, all but letters, digits and plain marks as entity codes."""
    line = " ".join(text.split())
    shown = line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1].rstrip() + "…"
    return "".join(_escaped(char) for char in shown)


def _escaped(char: str) -> str:
    if unicodedata.category(char).startswith("C"):
        return ""
    return char if char.isalnum() or char in _PLAIN or char == "…" else f"#{ord(char)};"


def _node(task_id: str) -> str:
    return task_id.replace(".", "_")


def _boxes(parent: str, children: Mapping[str, Sequence[Task]], depth: int) -> Iterator[str]:
    """The tasks below a group, boxes within boxes."""
    indent = "  " * depth
    for task in children.get(parent, ()):
        text = f"{task.id} {label(task.title)}"
        if task.id in children:
            yield f'{indent}subgraph {_node(task.id)}["{text}"]'
            yield from _boxes(task.id, children, depth + 1)
            yield f"{indent}end"
        else:
            hours = f"{task.estimate_hours:g} h, risk {task.risk}"
            yield f'{indent}{_node(task.id)}["{text}<br/>{hours}"]:::{task.state.value}'


def _arrows(tasks: Sequence[Task]) -> Iterator[str]:
    for task in tasks:
        for need in task.needs:
            yield f"  {_node(need)} --> {_node(task.id)}"
        for earlier in task.after:
            yield f"  {_node(earlier)} -.-> {_node(task.id)}"
