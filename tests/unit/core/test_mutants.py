"""What texts say about mutants: lines that are worth one, functions that say that they are run, edits."""

from __future__ import annotations

import builtins

import pytest

from tdev.core.mutants import Mutant, Span, function_at, functions_of, key_of, lines_worth_it, probed

TEXT = '''import logging

LIMIT = 3


def one(x):
    """Says."""
    logging.info("x %s", x)
    if x > 2:
        raise ValueError("no")
    return x + 1


class Two:
    size: int = 1

    def three(self): return self.size


def never(x):
    if x:
        return 1
    return 2
'''


def test_functions_are_those_that_stand_in_no_other() -> None:
    assert functions_of(TEXT) == (Span("one", 6, 11), Span("Two.three", 17, 17), Span("never", 20, 23))
    assert functions_of("def (:") == ()
    assert function_at(functions_of(TEXT), 9) == Span("one", 6, 11)
    assert function_at(functions_of(TEXT), 3) is None


def test_lines_that_only_talk_or_never_run_are_not_worth_it() -> None:
    every = range(1, 30)
    assert lines_worth_it(TEXT, every, ()) == {6, 9, 11, 17, 20, 21, 22, 23}
    assert lines_worth_it(TEXT, every, (21,)) == {6, 9, 11, 17, 20, 23}
    assert lines_worth_it(TEXT, (3, 11), ()) == {11}


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (TEXT, "one(1)"),
        ("def one(x):\n    return x\n", "one(1)"),
        ("def one(x): return x\n", "one(1)"),
        ('def one(x):\n    """d"""\n    for _ in range(2):\n        x += 1\n    return x\n', "one(1)"),
        ("def one(x):\n    @str\n    def inner(): pass\n    return x\n", "one(1)"),
        ("def one(x):\n    match x:\n        case 1:\n            return x\n", "one(1)"),
        ("def one(x):\n\tü = x; return ü\n", "one(1)"),
        ("def one(x):\r\n    'd'\r\n    return x\r\n", "one(1)"),
        ('def one(x):\n    """Only says."""\n', "one(1)"),
        ("async def one(x):\n    await x\n", "one(1).close()"),
        ("\x0cdef one(x):\n    s = '\x0c'\n    return s\n", "one(1)"),
    ],
)
def test_a_probed_function_says_that_it_is_run(text: str, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(builtins, "tdev_reached", said.append, raising=False)
    place = functions_of(text)[0]
    names: dict[str, object] = {}
    code = probed(text, [place], "a.py")
    exec(compile(code, "a.py", "exec"), names)
    assert said == []
    eval(call, names)
    assert said == ([] if "async" in text else [key_of("a.py", place.first)])
    monkeypatch.delattr(builtins, "tdev_reached")
    eval(call, names)


def test_a_mutant_replaces_lines_and_tells_them() -> None:
    span = Span("one", 6, 11)
    mutant = Mutant("a.py", span, 11, 11, ("    return x - 1\n",))
    assert mutant.applied(TEXT) == TEXT.replace("return x + 1", "return x - 1")
    assert mutant.told(TEXT) == "return x + 1 -> return x - 1"
    added = Mutant("a.py", span, 11, 10, ("    x = 0\n",))
    assert added.applied(TEXT) == TEXT.replace("    return x + 1", "    x = 0\n    return x + 1")
