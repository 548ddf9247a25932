"""What a Korean story wishes for: `회원으로서, 나는 예약을 만들고 싶다`.

The verb comes last, so objects are gathered until a verb uses them; an object after that begins anew.
Verbs are known by their stem and resources by their name without particles (core/requirement/words.py). A word with an
object's particle, or in the form of a wished-for verb, that is not known makes the whole story a question.
"""

from __future__ import annotations

from tdev.core.artifacts.spec import Operation
from tdev.core.requirement.mentions import Index, Mention, meant
from tdev.core.requirement.source import Asked, Line, quote
from tdev.core.requirement.words import (
    KOREAN_LIST,
    KOREAN_STEMS,
)

_KOREAN_ROLES = ("으로서", "로서")
_KOREAN_PURPOSES = ("위해서", "위해", "위하여", "도록")


def korean_wishes(line: Line, index: Index, asked: Asked) -> list[tuple[str, Operation]]:
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
                wishes += [(named.resource, operation) for operation in meant(verb, several or named.several)]
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
