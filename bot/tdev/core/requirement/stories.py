"""User stories: who wants to do what with which resource; the operations follow from them.

A story never adds a resource or a field; it only chooses operations among those a resource could have. When no story
wishes for anything of a resource, it gets all five (grammar.py).
Sentences are matched from their wish on (`want to`, `고 싶다`), word by word, against words.py. What comes after the
reason (`so that`) is not read. A story that is understood in part is asked about as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdev.core.artifacts.spec import Operation
from tdev.core.requirement.mentions import Index, Mention, tokens_of
from tdev.core.requirement.source import Asked, Line, quote
from tdev.core.requirement.words import (
    CONNECTORS,
    DETERMINERS,
    KOREAN_LIST,
    KOREAN_STEMS,
    SEE,
    STORY_ENDS,
    VERBS,
    WANTS,
)

_KOREAN_ROLES = ("으로서", "로서")
_KOREAN_PURPOSES = ("위해서", "위해", "위하여", "도록")
_KOREAN_WANTS = ("싶", "원한", "원합", "수 있", "해야")


@dataclass(frozen=True)
class Story:
    """One user story and what follows from it."""

    text: str
    """As the requirement says it."""
    line: int
    """1-based."""
    wishes: tuple[tuple[str, Operation], ...]
    """Resource and operation, in the order they are named."""


def read_stories(lines: list[Line], index: Index, asked: Asked) -> list[Story]:
    """The stories; one that names no known operation or resource is asked about."""
    stories = []
    for line in lines:
        korean = any(want in line.text for want in _KOREAN_WANTS) and not line.text.isascii()
        wishes = _korean(line, index, asked) if korean else _english(line, index, asked)
        stories.append(Story(line.text, line.number, tuple(dict.fromkeys(wishes))))
    return stories


def _meant(operations: tuple[Operation, ...], several: bool) -> tuple[Operation, ...]:
    """Seeing one thing reads it, seeing several lists them; other verbs mean what they mean."""
    return operations if operations != SEE else (Operation.LIST if several else Operation.READ,)


def _english(line: Line, index: Index, asked: Asked) -> list[tuple[str, Operation]]:
    """What an English story wishes for."""
    wanted = _wanted(line.text)
    if wanted is None:
        asked.ask(
            f"What is wanted in {quote(line.text)}?", line.number, "- As a member, I want to create a thing, so that …"
        )
        return []
    tokens, place = tokens_of(wanted), 0
    wishes: list[tuple[str, Operation]] = []
    verbs, place = _verbs(tokens, 0)
    if not verbs:
        known = "create, see, list, update, delete, manage"
        what = quote(tokens[0]) if tokens else quote(line.text)
        asked.ask(f"Which operation is {what}? The known ones are {known}.", line.number, _instead(line, index))
        return []
    while verbs:
        mention, place = _object(tokens, place, index)
        if mention is None:
            what = quote(" ".join(tokens[place : place + 3]))
            asked.ask(f"Which resource is {what}? There is none of that name.", line.number, _instead(line, index))
            return []
        for operations in verbs:
            wishes += [(mention.resource, operation) for operation in _meant(operations, mention.several)]
        verbs, place = _further(tokens, place, verbs, index)
    return wishes


def _wanted(text: str) -> str | None:
    """The part between the wish and the reason."""
    lower = text.casefold()
    places = [(place, want) for want in WANTS if (place := lower.find(want)) >= 0]
    if not places:
        return None
    place, want = min(places)
    end = min((stop for word in STORY_ENDS if (stop := lower.find(word, place)) >= 0), default=len(lower))
    return lower[place + len(want) : end]


def _verbs(tokens: list[str], place: int) -> tuple[list[tuple[Operation, ...]], int]:
    """The verbs from a place on, joined by commas and `and`."""
    verbs = []
    while place < len(tokens):
        if tokens[place] in VERBS:
            verbs.append(VERBS[tokens[place]])
        elif not (verbs and tokens[place] in CONNECTORS):
            break
        place += 1
    return verbs, place


def _object(tokens: list[str], place: int, index: Index) -> tuple[Mention | None, int]:
    """The resource named after articles and the like; several when `all` or `list of` stands before it."""
    several = False
    while place < len(tokens) and (tokens[place] in DETERMINERS or tokens[place] in ("at", "list", "of")):
        several = several or tokens[place] in ("all", "list")
        place += 1
    mention = index.at(tokens, place)
    if mention is None:
        return None, place
    return Mention(mention.resource, mention.several or several, mention.words), place + mention.words


def _further(
    tokens: list[str], place: int, verbs: list[tuple[Operation, ...]], index: Index
) -> tuple[list[tuple[Operation, ...]], int]:
    """What goes on after an object: further verbs, a further object of the same verbs, or nothing."""
    after = place
    while after < len(tokens) and tokens[after] in CONNECTORS:
        after += 1
    if after == place or after >= len(tokens):
        return [], after
    more, behind = _verbs(tokens, after)
    if more:
        return more, behind
    return (verbs, after) if _object(tokens, after, index)[0] is not None else ([], after)


def _instead(line: Line, index: Index) -> str:
    """A story that would be understood."""
    first = next(iter(index.spellings), ("thing",))
    role, found, _ = line.text.partition(",")
    who = role if found and len(role) <= 40 else "As a member"
    return f"- {who}, I want to create a {' '.join(first)}"


def _korean(line: Line, index: Index, asked: Asked) -> list[tuple[str, Operation]]:
    """What a Korean story wishes for: `회원으로서, 나는 예약을 만들고 싶다`."""
    text = line.text
    for mark in (*_KOREAN_ROLES, *_KOREAN_PURPOSES):
        text = text.partition(mark)[2] or text
    words = [word.strip(",.;·") for word in text.casefold().replace(",", " ").split()]
    objects: list[Mention] = []
    wishes: list[tuple[str, Operation]] = []
    used = several = False
    for word in words:
        verb = next((operations for stem, operations in KOREAN_STEMS if word.startswith(stem)), None)
        mention = index.korean(word) if verb is None else None
        if mention is not None:
            objects = [mention] if used else [*objects, mention]
            used = several = False
        elif word.startswith(KOREAN_LIST):
            several = True
        elif verb is not None and objects:
            used = True
            for named in objects:
                wishes += [(named.resource, operation) for operation in _meant(verb, several or named.several)]
        elif word.endswith(("을", "를")) or _unknown_verb(word):
            what = "operation" if _unknown_verb(word) else "resource"
            asked.ask(f"Which {what} is {quote(word)}?", line.number, _instead_korean(index))
            return []
    if not wishes:
        asked.ask(f"What is wanted in {quote(line.text)}?", line.number, _instead_korean(index))
    return wishes


def _unknown_verb(word: str) -> bool:
    """A word that has the form of a wished-for verb."""
    return len(word) > 1 and word.endswith(("고", "거나")) and word not in ("그리고", "또는")


def _instead_korean(index: Index) -> str:
    """A Korean story that would be understood."""
    label = next((words[0] for words in index.spellings if not words[0].isascii()), "자원")
    return f"- 회원으로서, 나는 {label} 목록을 조회하고 싶다"
