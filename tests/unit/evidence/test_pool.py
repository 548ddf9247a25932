"""Tasks side by side: order, needs, limits, errors."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tdev.evidence.pool import Answers, Task, answer_of, run_all, workers


class Heard:
    """Notes what the pool tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def __call__(self, task: Task, seconds: float | None, answer: object) -> None:
        self.told.append((task.name, "start" if seconds is None else f"end {answer}"))


def saying(word: str) -> Callable[[Answers], object]:
    return lambda answers: word


def test_answers_come_back_by_name_and_each_start_and_end_is_told() -> None:
    heard = Heard()
    answers = run_all([Task("a", saying("1")), Task("b", saying("2"))], heard, {"old": "0"})
    assert answers == {"old": "0", "a": "1", "b": "2"}
    assert sorted(heard.told) == [("a", "end 1"), ("a", "start"), ("b", "end 2"), ("b", "start")]


def test_a_task_starts_when_what_it_needs_is_there_and_sees_it() -> None:
    def sum_up(answers: Answers) -> object:
        return answer_of(answers, "one", int) + answer_of(answers, "known", int)

    tasks = [Task("sum", sum_up, needs=("one", "known"), seconds=99), Task("one", lambda answers: 1)]
    heard = Heard()
    assert run_all(tasks, heard, {"known": 2})["sum"] == 3
    assert heard.told == [("one", "start"), ("one", "end 1"), ("sum", "start"), ("sum", "end 3")]


def test_the_longest_starts_first_and_never_more_than_allowed_run_at_once() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(answers: Answers) -> object:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.02)
        with lock:
            running -= 1
        return None

    heard = Heard()
    run_all([Task(name, work, seconds=seconds) for name, seconds in (("x", 1), ("y", 5), ("z", 3))], heard, at_once=1)
    assert [name for name, what in heard.told if what == "start"] == ["y", "z", "x"]
    assert most == 1
    run_all([Task(f"{number}", work) for number in range(8)], heard, at_once=3)
    assert most == 3


def test_two_really_run_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=10)
    tasks = [Task(name, lambda answers: meeting.wait() >= 0) for name in ("a", "b")]
    assert run_all(tasks, Heard(), at_once=2) == {"a": True, "b": True}


@pytest.mark.parametrize("needs", [("absent",), ("b",)])
def test_what_can_never_start_is_an_error(needs: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="wait for what never comes: a, b"):
        run_all([Task("a", saying("1"), needs), Task("b", saying("2"), ("a",))], Heard())


def test_an_error_of_a_task_ends_the_whole() -> None:
    def fail(answers: Answers) -> object:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        run_all([Task("a", fail), Task("b", saying("2"), ("a",))], Heard())


def test_an_answer_of_another_kind_is_an_error() -> None:
    with pytest.raises(TypeError, match="a answered str, not int"):
        answer_of({"a": "1"}, "a", int)
    with pytest.raises(KeyError):
        answer_of({}, "a", int)


def test_at_least_two_at_a_time() -> None:
    assert workers() >= 2
