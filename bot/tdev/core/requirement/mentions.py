"""Which words of a sentence name a resource.

Stories and criteria are read by looking up runs of words, longest first, in a table of all spellings of all resources.
There is no stemming for English beyond the plural that the resource itself has. A Korean word is tried with each of
its possible particles taken off, so `회의실들을` finds `회의실`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tdev.core.artifacts.spec import Operation
from tdev.core.requirement.resources import Draft
from tdev.core.requirement.words import KOREAN_PARTICLES, SEE

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[,.;&]")


@dataclass(frozen=True)
class Mention:
    """A resource named in a sentence."""

    resource: str
    """Its PascalCase name."""
    several: bool
    """It was named in the plural."""
    words: int
    """How many words name it."""


@dataclass(frozen=True)
class Index:
    """Every spelling of every resource."""

    spellings: Mapping[tuple[str, ...], Mention]
    """Lower-case words -> what they name."""
    longest: int = field(default=1)
    """Words of the longest spelling."""

    def at(self, tokens: Sequence[str], place: int) -> Mention | None:
        """The resource named by the words that begin at a place, the longest spelling first."""
        for count in range(min(self.longest, len(tokens) - place), 0, -1):
            found = self.spellings.get(tuple(tokens[place : place + count]))
            if found is not None:
                return found
        return None

    def korean(self, word: str) -> Mention | None:
        """The resource a Korean word with its particles names."""
        for ending in ("", *KOREAN_PARTICLES):
            if word.endswith(ending):
                stem = word[: len(word) - len(ending)]
                found = self.spellings.get((stem,))
                if found is not None:
                    return Mention(found.resource, found.several or "들" in ending, 1)
        return None


def tokens_of(text: str) -> list[str]:
    """Lower-case words and punctuation marks."""
    return [token.casefold() for token in _TOKEN.findall(text)]


def index(drafts: Sequence[Draft]) -> Index:
    """The spellings of the resources: singular, plural, joined, and the name in another script."""
    spellings: dict[tuple[str, ...], Mention] = {}
    for draft in drafts:
        plural = tuple(draft.plural.split("-"))
        labels = (
            [tuple(draft.label.casefold().split()), (draft.label.casefold().replace(" ", ""),)] if draft.label else []
        )
        singles = [draft.words, (draft.name.casefold(),), *labels]
        for words in singles:
            spellings.setdefault(words, Mention(draft.name, False, len(words)))
        for words in (plural, (draft.plural,)):
            spellings.setdefault(words, Mention(draft.name, True, len(words)))
    return Index(spellings, max((len(words) for words in spellings), default=1))


def meant(operations: tuple[Operation, ...], several: bool) -> tuple[Operation, ...]:
    """Seeing one thing reads it, seeing several lists them; other verbs mean what they mean."""
    return operations if operations != SEE else (Operation.LIST if several else Operation.READ,)
