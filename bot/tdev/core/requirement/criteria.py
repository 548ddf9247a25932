"""Acceptance criteria: their ids, and what they are about where that is certain.

A criterion is kept in its author's words. Resource and operation are filled in only when the text names exactly one;
core/decompose_build.py takes those as covered by the blueprint and gives all others to a model or to a person.
Ids (`AC-1`) are stable where the text gives them, because plans, tests and acceptance.json refer to them.
"""

from __future__ import annotations

import re

from tdev.core.artifacts.spec import Criterion, Operation
from tdev.core.requirement.mentions import Index, meant, tokens_of
from tdev.core.requirement.source import Asked, Line, quote
from tdev.core.requirement.words import KOREAN_STEMS, VERB_FORMS

_ID = re.compile(r"[`*]*AC-?([1-9][0-9]{0,3})[`*]*\s*[:.)]\s*", re.IGNORECASE)


def read_criteria(lines: list[Line], index: Index, asked: Asked) -> list[Criterion]:
    """The criteria; those without an id get the next free one, an id given twice is asked about."""
    given: dict[int, Line] = {}
    texts: list[tuple[int, str]] = []
    for line in lines:
        match = _ID.match(line.text)
        number = int(match.group(1)) if match else 0
        text = line.text[match.end() :] if match else line.text
        if number in given:
            free = number if asked.full else next(n for n in range(1, len(lines) + 2) if n not in given)
            asked.ask(
                f"AC-{number} was line {given[number].number} already; which is this?", line.number, f"- AC-{free}: …"
            )
            continue
        if number:
            given[number] = line
        if not text.strip():
            asked.ask(f"What does {quote(line.text)} ask for?", line.number, f"- AC-{number or 1}: …")
            continue
        texts.append((number, text.strip()))
    return _numbered(texts, index)


def _numbered(texts: list[tuple[int, str]], index: Index) -> list[Criterion]:
    """Criteria with their ids."""
    taken = {number for number, _ in texts}
    following = 1
    made = []
    for number, text in texts:
        while not number and following in taken:
            following += 1
        number = number or following
        taken.add(number)
        resource, operation = _about(text, index)
        made.append(Criterion(id=f"AC-{number}", text=text, resource=resource, operation=operation))
    return made


def _about(text: str, index: Index) -> tuple[str, Operation | None]:
    """The resource and the operation, each only where the text names just one."""
    tokens = tokens_of(text)
    mentions = [index.at(tokens, place) or index.korean(token) for place, token in enumerate(tokens)]
    resources = {mention.resource for mention in mentions if mention is not None}
    if len(resources) != 1:
        return "", None
    several = any(mention is not None and mention.several for mention in mentions)
    operations = {_operation(token, several) for token in tokens} - {None}
    return resources.pop(), operations.pop() if len(operations) == 1 else None


def _operation(token: str, several: bool) -> Operation | None:
    """The one operation a word means, if it means just one."""
    found = VERB_FORMS.get(token) or next((ops for stem, ops in KOREAN_STEMS if token.startswith(stem)), ())
    operations = meant(found, several)
    return operations[0] if len(operations) == 1 else None
