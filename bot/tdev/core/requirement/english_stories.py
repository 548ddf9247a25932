"""What an English story wishes for: `As a member, I want to create and see bookings, so that ...`.

The part between wish and reason is read from left to right: verbs, then an object, then perhaps more of either.
Several verbs share an object and several objects a verb. Reading stops at the first word that continues neither;
a verb or an object that is not known makes the whole story a question.
"""

from __future__ import annotations

from tdev.core.artifacts.spec import Operation
from tdev.core.requirement.mentions import Index, Mention, meant, tokens_of
from tdev.core.requirement.source import Asked, Line, quote
from tdev.core.requirement.words import (
    CONNECTORS,
    DETERMINERS,
    STORY_ENDS,
    VERBS,
    WANTS,
)


def english_wishes(line: Line, index: Index, asked: Asked) -> list[tuple[str, Operation]]:
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
            wishes += [(mention.resource, operation) for operation in meant(operations, mention.several)]
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
