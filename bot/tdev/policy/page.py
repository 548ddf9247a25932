"""The table of keys in docs/policies.md, written from the models.

`tdev schema` writes it and `tdev schema --check` fails when the page is out of date.
Only what stands between the two marks is replaced; the rest of the page is written by hand.
"""

from __future__ import annotations

import json

from tdev.policy.keys import Key, keys

BEGIN = "<!-- keys: written by `tdev schema` -->"
END = "<!-- end of keys -->"


def with_key_table(page: str) -> str:
    """The page with the table between its two marks made anew; a page without the marks stays as it is."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{BEGIN}\n{key_table()}{END}{after}" if begin and end else page


def key_table() -> str:
    """Every key with its default, what it allows and what it means, Markdown."""
    rows = ["| key | default | allowed | meaning |", "|---|---|---|---|"]
    rows += [f"| `{key.name}` | {_default(key)} | {key.allowed} | {key.meaning} |" for key in keys() if not key.section]
    return "\n".join(rows) + "\n"


def _default(key: Key) -> str:
    if key.required or "[]" in key.name:
        return "must be given" if key.required else ""
    if isinstance(key.default, list) and any(isinstance(item, dict) for item in key.default):
        return f"{len(key.default)} entries, in policies/default.yml"
    if isinstance(key.default, list):
        return " ".join(f"`{item}`" for item in key.default) or "none"
    return f"`{json.dumps(key.default)}`" if not isinstance(key.default, str) else f"`{key.default}`"
