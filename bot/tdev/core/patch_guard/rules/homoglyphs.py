"""Names that look like others: one word with letters of two scripts that are drawn alike.

https://www.unicode.org/reports/tr39/ . Whole words in another script are ordinary, and so are Greek letters in names of
quantities that look like no Latin letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.rule import Bounds, Hit

_WORD = re.compile(r"\w{2,}")
_SCRIPTS = frozenset({"CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "DESERET", "OSAGE"})
_GREEK_ALIKE = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοινκυϲϳ")
_STYLED = ("FULLWIDTH LATIN", "MATHEMATICAL", "LATIN LETTER SMALL CAPITAL", "ROMAN NUMERAL", "SMALL ROMAN NUMERAL")


def homoglyphs(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each added line, path and branch name with such a word."""
    for file in change.files:
        if file.after is not None and (word := mixed_in(file.path)):
            yield Hit(file.path, 0, f"the name {word!r} mixes letters that look alike")
        for line in file.added:
            if word := mixed_in(line.text):
                yield Hit(file.path, line.number, f"the word {word!r} mixes letters that look alike")
    if word := mixed_in(change.branch):
        yield Hit("", 0, f"the name of the branch mixes letters that look alike: {word!r}")


def mixed_in(text: str) -> str:
    """The first such word; empty when there is none."""
    if text.isascii():
        return ""
    for match in _WORD.finditer(text):
        word = match.group()
        if not word.isascii() and _mixed(word):
            return word[:80]
    return ""


def _mixed(word: str) -> bool:
    latin = any(char.isascii() and char.isalpha() for char in word)
    strange = [char for char in word if not char.isascii() and char.isalpha()]
    if any(unicodedata.name(char, "").startswith(_STYLED) for char in strange):
        return True
    return latin and any(_alike(char) for char in strange)


def _alike(char: str) -> bool:
    return char in _GREEK_ALIKE or unicodedata.name(char, "").split(" ")[0] in _SCRIPTS
