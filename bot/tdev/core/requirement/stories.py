"""User stories: who wants to do what with which resource; the operations follow from them.

A story never adds a resource or a field; it only chooses operations among those a resource could have. When no story
wishes for anything of a resource, it gets all five (grammar.py).
Sentences are matched from their wish on (`want to`, `고 싶다`), word by word, against words.py. What comes after the
reason (`so that`) is not read. A story that is understood in part is asked about as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdev.core.artifacts.spec import Operation
from tdev.core.requirement.english_stories import english_wishes
from tdev.core.requirement.korean_stories import korean_wishes
from tdev.core.requirement.mentions import Index
from tdev.core.requirement.source import Asked, Line

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
        wishes = korean_wishes(line, index, asked) if korean else english_wishes(line, index, asked)
        stories.append(Story(line.text, line.number, tuple(dict.fromkeys(wishes))))
    return stories
