"""Expressions of workflow files: `${{ … }}` in texts, and the conditions of jobs and steps. Pure.

Follows GitHub's pages "Evaluate expressions in workflows and actions" and "Contexts reference". Comes in: a text
and the contexts (`github`, `inputs`, `env`, `secrets`, `vars`, `needs`, `steps`, `runner`, `job`). Goes out: the text
with its values, or whether a condition holds; a ValueError with one sentence for what is not known here.

Known are literals, dotted names, `== != && || !`, parentheses, always(), success(), failure(), cancelled(),
contains(), startsWith(), endsWith(), toJSON() and fromJSON(). Indexes, `*`, arithmetic comparisons and other functions
are left out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

Contexts = Mapping[str, Any]
"""Name of a context -> its values, nested."""
NAMES = frozenset({"github", "inputs", "env", "secrets", "vars", "needs", "steps", "runner", "job", "jobs"})
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)"
    r"|(?P<sign>==|!=|&&|\|\||[!(),]))"
)
_STATUS = ("always", "success", "failure", "cancelled")
_TESTS = ("contains", "startswith", "endswith")
_JSON = ("tojson", "fromjson")
_ARITIES = frozenset({*((name, 2) for name in _TESTS), *((name, 1) for name in _JSON)})
_LITERALS = {"true": True, "false": False, "null": None}
_Tree = tuple[Any, ...]


def interpolate(text: str, contexts: Contexts) -> str:
    """The text with each `${{ … }}` replaced by its value."""
    return _EXPRESSION.sub(lambda found: text_of(_value(_parsed(found.group(1)), contexts, "success")), text)


def check(text: str) -> None:
    """Raise ValueError when an expression of the text can't be evaluated here."""
    for found in _EXPRESSION.finditer(text):
        _parsed(found.group(1))


def check_condition(condition: str) -> None:
    """Raise ValueError when a condition can't be evaluated here."""
    _condition(condition)


def holds(condition: str, contexts: Contexts, status: str) -> bool:
    """Whether an `if` holds, `status` being that of what came before: success, failure, cancelled or skipped.

    Without a function that asks for the status, it holds only after success.
    """
    tree = _condition(condition)
    if not _asks_for_status(tree) and status != "success":
        return False
    return _true(_value(tree, contexts, status))


def text_of(value: Any) -> str:
    """A value as it stands in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        return "Object" if isinstance(value, Mapping) else "Array"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _condition(condition: str) -> _Tree:
    """A condition, with or without its braces, read; an empty one is success()."""
    text = condition.strip()
    whole = re.fullmatch(r"\$\{\{(.*)\}\}", text, re.DOTALL)
    inner = whole.group(1) if whole else text
    if "${{" in inner:
        raise ValueError(f"This runner does not know the condition {condition!r}.")
    return _parsed(inner) if inner.strip() else ("call", "success", ())


def _parsed(text: str) -> _Tree:
    """The tree of an expression."""
    words = list(_words(text))
    tree, rest = _either(words, text)
    if rest:
        raise _unknown(text)
    return tree


def _unknown(text: str) -> ValueError:
    """What is said of an expression that is not known."""
    return ValueError(f"This runner does not know the expression ${{{{ {text.strip()} }}}}.")


def _words(text: str) -> Iterator[tuple[str, str]]:
    """The words of an expression, each with its kind."""
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _unknown(text)
        yield found.lastgroup, found.group(found.lastgroup)
        at = found.end()


_Words = list[tuple[str, str]]


def _either(words: _Words, text: str) -> tuple[_Tree, _Words]:
    """Choices: `a || b`."""
    tree, rest = _both(words, text)
    while rest[:1] == [("sign", "||")]:
        other, rest = _both(rest[1:], text)
        tree = ("or", tree, other)
    return tree, rest


def _both(words: _Words, text: str) -> tuple[_Tree, _Words]:
    """Conjunctions: `a && b`."""
    tree, rest = _compared(words, text)
    while rest[:1] == [("sign", "&&")]:
        other, rest = _compared(rest[1:], text)
        tree = ("and", tree, other)
    return tree, rest


def _compared(words: _Words, text: str) -> tuple[_Tree, _Words]:
    """Comparisons: `a == b`, `a != b`."""
    tree, rest = _single(words, text)
    while rest and rest[0] in (("sign", "=="), ("sign", "!=")):
        sign = rest[0][1]
        other, rest = _single(rest[1:], text)
        tree = (sign, tree, other)
    return tree, rest


def _single(words: _Words, text: str) -> tuple[_Tree, _Words]:
    """A value, a call, a negation or something in parentheses."""
    if not words:
        raise _unknown(text)
    (kind, word), rest = words[0], words[1:]
    if (kind, word) == ("sign", "!"):
        tree, rest = _single(rest, text)
        return ("not", tree), rest
    if (kind, word) == ("sign", "("):
        tree, rest = _either(rest, text)
        if rest[:1] != [("sign", ")")]:
            raise _unknown(text)
        return tree, rest[1:]
    if kind == "text":
        return ("literal", word[1:-1].replace("''", "'")), rest
    if kind == "number":
        return ("literal", float(word)), rest
    if kind == "name":
        return _called(word, rest, text) if rest[:1] == [("sign", "(")] else (_named(word, text), rest)
    raise _unknown(text)


def _named(word: str, text: str) -> _Tree:
    """A literal word or a value of a context."""
    if word in _LITERALS:
        return ("literal", _LITERALS[word])
    path = word.split(".")
    if path[0].lower() not in NAMES:
        raise _unknown(text)
    return ("path", path)


def _called(word: str, words: _Words, text: str) -> tuple[_Tree, _Words]:
    """A call of a function that is known."""
    name, given, rest = word.lower(), [], words[1:]
    while rest[:1] != [("sign", ")")]:
        tree, rest = _either(rest, text)
        given.append(tree)
        if rest[:1] == [("sign", ",")]:
            rest = rest[1:]
        elif rest[:1] != [("sign", ")")]:
            raise _unknown(text)
    if (name in _STATUS and not given) or (name, len(given)) in _ARITIES:
        return ("call", name, tuple(given)), rest[1:]
    raise _unknown(text)


def _asks_for_status(tree: Any) -> bool:
    """A status function is called somewhere in the tree."""
    if not isinstance(tree, tuple):
        return False
    if tree[:1] == ("call",) and tree[1] in _STATUS:
        return True
    return tree[:1] != ("literal",) and any(_asks_for_status(part) for part in tree)


def _value(tree: _Tree, contexts: Contexts, status: str) -> Any:
    """What an expression comes to."""
    kind = tree[0]
    if kind == "literal":
        return tree[1]
    if kind == "path":
        return _looked_up(contexts, tree[1])
    if kind == "call":
        return _answer(tree[1], [_value(each, contexts, status) for each in tree[2]], status)
    first = _value(tree[1], contexts, status)
    if kind == "not":
        return not _true(first)
    if kind in ("and", "or"):
        return _value(tree[2], contexts, status) if _true(first) == (kind == "and") else first
    return _same(first, _value(tree[2], contexts, status)) == (kind == "==")


def _looked_up(contexts: Contexts, path: list[str]) -> Any:
    """A value by its path, upper and lower case alike; None where there is none."""
    value: Any = contexts
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name, next((each for key, each in value.items() if key.lower() == name.lower()), None))
    return value


def _answer(name: str, given: list[Any], status: str) -> Any:
    """What a function answers."""
    if name in _STATUS:
        return name in ("always", status)
    if name == "tojson":
        return json.dumps(given[0], indent=2, ensure_ascii=False)
    if name == "fromjson":
        return json.loads(text_of(given[0]))
    if name == "contains" and isinstance(given[0], list):
        return any(_same(each, given[1]) for each in given[0])
    whole, part = (text_of(each).lower() for each in given)
    return {"contains": part in whole, "startswith": whole.startswith(part), "endswith": whole.endswith(part)}[name]


def _true(value: Any) -> bool:
    """What counts as true: everything but false, 0, null and the empty text."""
    return bool(value) or isinstance(value, Mapping | list)


def _same(first: Any, second: Any) -> bool:
    """GitHub's ==: texts without regard to case, values of two kinds as numbers."""
    if isinstance(first, str) and isinstance(second, str):
        return first.lower() == second.lower()
    if isinstance(first, Mapping | list) or isinstance(second, Mapping | list):
        return first is second
    return _number(first) == _number(second)


def _number(value: Any) -> float:
    """A value as a number; a text that is none is not equal to anything."""
    if isinstance(value, str):
        try:
            return float(value) if value.strip() else 0.0
        except ValueError:
            return math.nan
    return float(value or 0)
