"""What a run's tasks are for, by the names of the prompts that fit them: `fix-issue`, `build-feature`, `types` …

Comes in: a run. Goes out: the goals of the tasks that its plan calls done, for gates that ask more of a fix than of a
tidying. A run without a plan, such as `tdev gate`, has none.
"""

from __future__ import annotations

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.insights import Insights
from tdev.core.artifacts.plan import Plan, TaskState, leaves_of
from tdev.prompts.goals import goal_of


def goals_of(run: RunDir) -> tuple[str, ...]:
    """Names without repetition, sorted."""
    if not run.has(Plan):
        return ()
    kinds = {each.id: each.kind for each in run.read(Insights).insights} if run.has(Insights) else {}
    done = [task for task in leaves_of(run.read(Plan).tasks) if task.state is TaskState.DONE]
    return tuple(
        sorted({goal_of(run.goal, task, [kinds[each] for each in task.insights if each in kinds]) for task in done})
    )
