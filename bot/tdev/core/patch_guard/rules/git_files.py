"""Files that git itself obeys: submodules' addresses, and attributes that name a program or hide a file from review.

https://git-scm.com/docs/gitattributes: `filter`, `diff` and `merge` name drivers, `export-subst` and `ident` rewrite
text, `-diff`, `binary` and `linguist-generated` fold a file away where people review. Ignoring files and line ends
are ordinary: `text`, `eol` and .gitignore pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdev.core.patch_guard.change import SUBMODULE, Change
from tdev.core.patch_guard.names import GIT_FILES, folded_name, named
from tdev.core.patch_guard.rule import Bounds, Hit

_ATTRIBUTE = re.compile(
    r"(?i)(?:^|\s)[-!]?(filter|diff|merge|export-subst|export-ignore|ident|binary|working-tree-encoding"
    r"|linguist-(?:generated|vendored|documentation)|gitlab-generated|delta|macro)\b|^\s*\[attr\]"
)


def git_files(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each such file, and each added attribute that is more than a line end."""
    for file in change.files:
        for path in file.paths:
            if named(path, GIT_FILES):
                yield Hit(path, 0, f"{path} is obeyed by git itself")
        if folded_name(file.path).rpartition("/")[2] == ".gitattributes" and file.kind != SUBMODULE:
            for line in file.added:
                if _ATTRIBUTE.search(line.text[:2000]) or len(line.text) > 2000:
                    yield Hit(file.path, line.number, f"an attribute that names a program or hides files: {line.text}")
