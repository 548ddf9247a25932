"""The graph of a plan's leaf tasks: order, critical path, and what may run at the same time.

core/plan.py is the only caller. Groups are dissolved first: what a group needs, each of its leaves needs, and who needs
a group needs all its leaves. Everything behind that is about leaves alone.
Order is topological (graphlib) with the given order deciding wherever the graph leaves a choice. Hours count only for
tasks that are pending, so the critical path is that of the work that is left.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tdev.core.artifacts.plan import Task, leaves_of
from tdev.errors import Refused


@dataclass(frozen=True)
class TaskGraph:
    """Leaf tasks and which of them come before which."""

    order: tuple[str, ...]
    """Leaf ids, each behind all its predecessors; the order they were given in where the graph leaves a choice."""
    before: Mapping[str, tuple[str, ...]]
    """Leaf id -> leaf ids that come first, by `needs` or `after`, its groups' included."""


def groups_of(task: Task, by_id: Mapping[str, Task]) -> tuple[Task, ...]:
    """The groups a task is a part of, innermost first; raises Refused when a group is a part of itself."""
    chain = [task.id]
    while by_id[chain[-1]].parent:
        parent = by_id[chain[-1]].parent
        if parent in chain:
            raise Refused(f"The groups {' -> '.join([*chain, parent])} are parts of each other.")
        chain.append(parent)
    return tuple(by_id[name] for name in chain[1:])


def parts_of(tasks: Sequence[Task]) -> dict[str, tuple[str, ...]]:
    """Task id -> ids of the leaves it consists of; a leaf consists of itself."""
    by_id = {task.id: task for task in tasks}
    parts: dict[str, list[str]] = {task.id: [] for task in tasks}
    for leaf in leaves_of(tasks):
        for task in (leaf, *groups_of(leaf, by_id)):
            parts[task.id].append(leaf.id)
    return {name: tuple(found) for name, found in parts.items()}


def graph_of(tasks: Sequence[Task]) -> TaskGraph:
    """The leaves in order; raises Refused when tasks wait for each other."""
    by_id = {task.id: task for task in tasks}
    parts = parts_of(tasks)
    before = {}
    for leaf in leaves_of(tasks):
        named = [name for task in (leaf, *groups_of(leaf, by_id)) for name in (*task.needs, *task.after)]
        before[leaf.id] = tuple(dict.fromkeys(part for name in named for part in parts[name]))
    return TaskGraph(order=_sorted(before), before=before)


def _sorted(before: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Topological order that keeps to the order given where it can."""
    sorter = TopologicalSorter(before)
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = " -> ".join(error.args[1])
        raise Refused(
            f"The plan's tasks wait for each other in a circle: {cycle}.",
            next_step="Take one of these needs away.",
        ) from error
    place = {name: number for number, name in enumerate(before)}
    ready: list[tuple[int, str]] = []
    order = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(ready, (place[name], name))
        _, name = heapq.heappop(ready)
        order.append(name)
        sorter.done(name)
    return tuple(order)


def critical_path(graph: TaskGraph, pending: Mapping[str, float]) -> tuple[str, ...]:
    """The chain of pending leaves with the most hours; of equal ones the first."""
    finish: dict[str, float] = {}
    previous: dict[str, str] = {}
    for name in graph.order:
        longest = max(graph.before[name], key=lambda other: finish[other], default="")
        finish[name] = pending.get(name, 0.0) + finish.get(longest, 0.0)
        previous[name] = longest
    last = max(graph.order, key=lambda name: finish[name], default="")
    chain = []
    while last:
        chain.append(last)
        last = previous[last]
    return tuple(name for name in reversed(chain) if name in pending)


def parallel_groups(graph: TaskGraph, pending: Mapping[str, float]) -> tuple[tuple[str, ...], ...]:
    """Pending leaves by how many pending leaves stand before them, at the longest."""
    depth: dict[str, int] = {}
    groups: dict[int, list[str]] = {}
    for name in graph.order:
        depth[name] = max((depth[other] + (other in pending) for other in graph.before[name]), default=0)
        if name in pending:
            groups.setdefault(depth[name], []).append(name)
    return tuple(tuple(groups[number]) for number in sorted(groups))
