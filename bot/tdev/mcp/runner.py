"""MCP server `runner`: run a task that the policy names, in the sandbox, and tell how it ended.

The model gives a task's name and at most one path inside the checkout, perhaps with a test's name behind `::`. No word
of it reaches a shell, none can be read as a flag.
"""

from __future__ import annotations

import threading
from pathlib import Path

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from tdev.adapters.process import Completed
from tdev.adapters.sandbox.cells import repository_cell
from tdev.adapters.sandbox.inside_environment import inside_environment
from tdev.adapters.sandbox.run import run as run_inside
from tdev.core.redaction import redact
from tdev.mcp.service import Service, answer, explained, inside, serve
from tdev.policy.agent import NamedTask

MOST_OUTPUT = 4 * 1024 * 1024
"""What is kept of a task's output."""
_TAIL_LINES = 120
_TAIL_CHARACTERS = 16_000
_SELECTOR = frozenset("_:.,-[]")
PATH_WORD = "{path}"
PYTHON_WORD = "{python}"


def add_tools(server: MCPServer, service: Service) -> None:
    """The server's tools."""
    tasks = {task.name: task for task in service.configuration.agent.tasks}
    running = threading.Lock()

    names = ", ".join(sorted(tasks)) or "there are none"

    @server.tool(structured_output=False, description=f"Run one of the repository's tasks: {names}.")
    def run(task: str, path: str | None = None, test: str | None = None) -> str:
        call = service.check("run", task=task, path=path)
        word = inside(call, path) or "." if path else ""
        if not running.acquire(blocking=False):
            raise ToolError("A task is running already; wait for its end.")
        try:
            with explained():
                return _ran(service, tasks[task], _with_test(word, test))
        finally:
            running.release()


def _with_test(word: str, test: str | None) -> str:
    """The path with the test of it that is meant; raises ToolError when the name can't be one."""
    if not test:
        return word
    if not word or len(test) > 300 or not all(char.isalnum() or char in _SELECTOR for char in test):
        raise ToolError("Give a path, and of a test only its name, such as TestSums::test_zero.")
    return f"{word}::{test}"


def words_of(task: NamedTask, python: str, path: str) -> tuple[str, ...]:
    """The task's words; the word for a path is left out where none is given."""
    words = []
    for word in task.argv:
        if word == PATH_WORD:
            words += [path] if path else []
        else:
            words.append(python if word == PYTHON_WORD else word)
    return tuple(words)


def _ran(service: Service, task: NamedTask, path: str) -> str:
    configuration = service.configuration
    words = words_of(task, configuration.python, f"./{path}" if path else "")
    if path and PATH_WORD not in task.argv:
        raise ToolError(f"The task {task.name} takes no path.")
    python = Path(configuration.python)
    cell = repository_cell(
        service.settings,
        service.root,
        cwd=service.root / configuration.project,
        python=python,
        environment=inside_environment(service.settings, python),
        limits=configuration.sandbox,
    )
    done = run_inside(service.settings, cell, words, timeout=task.seconds, max_output=MOST_OUTPUT)
    return answer(_told(task, done))


def _told(task: NamedTask, done: Completed) -> str:
    """How it ended, and the end of what it printed."""
    how = "was stopped at its time limit" if done.timed_out else f"ended with exit code {done.exit_code}"
    how += f" (the sandbox's limit: {done.stopped_by})" if done.stopped_by else ""
    printed = "\n".join(text for text in (done.stdout.strip(), done.stderr.strip()) if text)
    tail = "\n".join(printed.splitlines()[-_TAIL_LINES:])[-_TAIL_CHARACTERS:]
    cut = " The end of its output:" if len(tail) < len(printed) or done.truncated else ""
    return f"{task.name} {how} after {done.seconds:.1f} s.{cut}\n{redact(tail)}"


def main() -> int:
    """Serve."""
    return serve("runner", add_tools)


if __name__ == "__main__":
    raise SystemExit(main())
