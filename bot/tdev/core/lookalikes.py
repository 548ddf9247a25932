# ruff: noqa: RUF001 - letters that look like others are what this file is about
"""Letters that are drawn like Latin ones: texts are compared by what people see, not by which characters it is made of.

`skeleton` is for comparing only. It follows the idea of Unicode's confusable detection
(https://www.unicode.org/reports/tr39/#Confusable_Detection) for the letters of our commands and marks: compatibility
forms (full width, mathematical, circled) by normalisation, look-alikes of other scripts by a table.
"""

from __future__ import annotations

import unicodedata

_DRAWN_ALIKE = {
    "a": "аαɑ",
    "b": "ЬƄ",
    "c": "сϲᴄ",
    "d": "ԁᏧ",
    "e": "еҽ℮",
    "f": "ẝꞙ",
    "g": "ɡց",
    "h": "һհ",
    "i": "іıɩιӏⅼ|",
    "j": "јϳ",
    "k": "κк",
    "l": "ⅼӏ",
    "m": "ⅿ",
    "n": "ոռ",
    "o": "оοօσ",
    "p": "рρ",
    "q": "ԛգ",
    "r": "гᴦ",
    "s": "ѕꜱ",
    "t": "тτᴛ",
    "u": "υսᴜ",
    "v": "ѵνᴠ∨",
    "w": "ԝѡա",
    "x": "хχ",
    "y": "уγү",
    "z": "ᴢ",
    "A": "АΑᎪ",
    "B": "ВΒᏴ",
    "C": "СϹᏟ",
    "D": "Ꭰᗞ",
    "E": "ЕΕᎬ",
    "F": "ϜᖴҒ",
    "G": "ԌᏀ",
    "H": "НΗᎻ",
    "I": "ІΙӀ",
    "J": "ЈᎫ",
    "K": "КΚᏦ",
    "L": "ᏞᒪⳐ",
    "M": "МΜᎷ",
    "N": "ΝⲚ",
    "O": "ОΟՕ",
    "P": "РΡᏢ",
    "Q": "Ԛ",
    "R": "ᎡᏒ",
    "S": "ЅՏᏚ",
    "T": "ТΤᎢ",
    "U": "Սᑌ",
    "V": "ѴᏙ",
    "W": "ԜᎳ",
    "X": "ХΧ",
    "Y": "ΥҮУ",
    "Z": "ΖᏃ",
    "/": "⁄∕⧸╱⟋",
    "-": "‐‑‒–—−➖",
    "@": "﹫＠",
    "#": "﹟＃♯",
}
_FOLD = str.maketrans({other: latin for latin, others in _DRAWN_ALIKE.items() for other in others})


def skeleton(text: str) -> str:
    """The text with every letter that is drawn like a Latin one replaced by that; accents are left out."""
    apart = unicodedata.normalize("NFKD", text.translate(_FOLD))
    return "".join(char for char in apart if not unicodedata.combining(char)).translate(_FOLD)
