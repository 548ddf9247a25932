"""Run by mutmut's own interpreter: mutants of given lines, read and written as JSON. No code of a project is run.

Standard input is `{path: {"text", "lines"}}`; standard output ends with one line: `{path: {"mutants", "error"}}`.
Each mutant is `{"first", "last", "lines"}`: the lines `first` to `last` (from 1, `last` may be `first - 1`) of the text
become `lines`. mutmut's operators decide; they stay inside functions. Which arguments a call has, texts inside of calls
and in defaults, and settings given by name (`timeout=5`) are left as they are: a test at the edge of a program, with
another program in place of the real one, rightly takes no notice of how that is spoken to. Of the changes to one text
only the first is taken: upper and lower case add nothing. What mutmut can't read is an error of that file alone.

tools/mutmut.py starts it.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
from typing import Any

_LEFT_OUT = ("operator_dict_arguments", "operator_arg_removal")
_PLAIN = ("True", "False", "None")


def main() -> None:
    """Answer for every file."""
    sources = json.load(sys.stdin)
    answer = {path: _answer(path, source["text"], set(source["lines"])) for path, source in sources.items()}
    print(json.dumps(answer))


def _answer(path: str, text: str, lines: set[int]) -> dict[str, Any]:
    engine: Any = importlib.import_module("mutmut.mutation.file_mutation")
    engine.mutation_operators = [each for each in engine.mutation_operators if each[1].__name__ not in _LEFT_OUT]
    try:
        module, mutations, _, _ = engine.create_mutations(path, text, lines)
        return {"mutants": list(_mutants(module, text, mutations)), "error": ""}
    except Exception as error:
        return {"mutants": [], "error": f"{type(error).__name__}: {error}"[:500]}


def _mutants(module: Any, text: str, mutations: list[Any]) -> Any:
    """Each mutation as an edit of lines; those outside of functions, and repeated ones, are left out."""
    texts = importlib.import_module("libcst").BaseString
    taken = _spoken(module)
    seen: set[str] = set()
    for mutation in mutations:
        node = mutation.original_node
        if mutation.contained_by_top_level_function is None or id(node) in taken:
            continue
        if isinstance(node, texts):
            taken.add(id(node))
        edit = _edit(text, module.deep_replace(node, mutation.mutated_node).code)
        if edit is not None and (key := json.dumps(edit)) not in seen:
            seen.add(key)
            yield edit


def _spoken(module: Any) -> set[int]:
    """Ids of the nodes that only say how another program or function is to be spoken to."""
    cst, match = importlib.import_module("libcst"), importlib.import_module("libcst.matchers")
    found = set()
    for place in match.findall(
        module, match.Call() | match.Param(default=~match.MatchIfTrue(lambda node: node is None))
    ):
        inside = place.default if isinstance(place, cst.Param) else place
        found |= {
            id(text) for text in match.findall(inside, match.MatchIfTrue(lambda node: isinstance(node, cst.BaseString)))
        }
        for argument in getattr(place, "args", ()):
            value = argument.value
            plain = isinstance(value, cst.BaseNumber) or getattr(value, "value", None) in _PLAIN
            if argument.keyword is not None and plain:
                found.add(id(value))
    return found


def _edit(before: str, after: str) -> dict[str, Any] | None:
    """The lines that differ, without what is the same above and below; None when none does."""
    old, new = (list(io.StringIO(text, newline="")) for text in (before, after))
    if old == new:
        return None
    above = _alike(old, new)
    below = _alike(old[above:][::-1], new[above:][::-1])
    return {"first": above + 1, "last": len(old) - below, "lines": new[above : len(new) - below]}


def _alike(old: list[str], new: list[str]) -> int:
    """How many lines are the same from the beginning."""
    pairs = zip(old, new, strict=False)
    return next((number for number, (one, two) in enumerate(pairs) if one != two), min(len(old), len(new)))


if __name__ == "__main__":
    main()
