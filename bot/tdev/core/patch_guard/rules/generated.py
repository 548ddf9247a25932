"""Generated blobs: text that no person wrote and none can review, in which anything may be hidden.

Known by names (compiled, pickled, packed, minified), by the first bytes of binaries, by lines longer than people
write, and by long runs that look encoded. Manifests and lock files hold digests and are judged by their own rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdev.core.patch_guard.change import Change, FileChange
from tdev.core.patch_guard.names import LOCK_FILES, named
from tdev.core.patch_guard.rule import Bounds, Hit
from tdev.core.redaction_entropy import entropy

LONGEST_LINE = 2000
"""Characters; longer lines are not for people."""
LONGEST_RUN = 400
"""Characters without a space that may look encoded."""
_NAMES = (
    "*.pyc", "*.pyo", "*.pyd", "*.so", "*.so.*", "*.dll", "*.dylib", "*.exe", "*.o", "*.a", "*.lib", "*.class", "*.jar",
    "*.war", "*.whl", "*.egg", "*.zip", "*.tar", "*.tar.*", "*.tgz", "*.gz", "*.bz2", "*.xz", "*.zst", "*.7z", "*.rar",
    "*.pkl", "*.pickle", "*.joblib", "*.dill", "*.npy", "*.npz", "*.pt", "*.pth", "*.onnx", "*.h5", "*.wasm", "*.deb",
    "*.rpm", "*.apk", "*.dmg", "*.iso", "*.bin", "*.dat", "*.db", "*.sqlite*", "*.core", "*.dump", "*.min.js",
    "*.min.css", "*.bundle.js", "*.map", "**/__pycache__/**", "**/node_modules/**", "**/.venv/**",
    "**/site-packages/**",
)  # fmt: skip
_HEADS = (
    (b"\x7fELF", "an ELF program"), (b"MZ", "a Windows program"), (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"), (b"BZh", "bzip2 data"), (b"\xfd7zXZ", "xz data"), (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\xca\xfe\xba\xbe", "a class or a Mach-O program"), (b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    (b"\x80\x04\x95", "a pickle"), (b"\x80\x05\x95", "a pickle"), (b"\x80\x03", "a pickle"), (b"\0asm", "WebAssembly"),
    (b"SQLite format 3", "a database"), (b"!<arch>", "an archive of objects"), (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
)  # fmt: skip
MOST_ENCODED_LINES = 40
"""Lines that look encoded; a certificate has about thirty."""
_RUN = re.compile(rf"[A-Za-z0-9+/=_-]{{{LONGEST_RUN},}}")
_ESCAPES = re.compile(r"(?:\\x[0-9A-Fa-f]{2}){100,}|(?:0x[0-9A-Fa-f]{1,2},\s?){200,}")
_ENCODED_LINE = re.compile(r"[\s\"'b]*[A-Za-z0-9+/_-]{48,}={0,2}[\"'\\,\s]*")
_ENCODED_BITS = 3.2
_LINE_BITS = 4.0


def generated(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each such file, or the first line of each that is."""
    for file in change.files:
        if file.after is None:
            continue
        if glob := named(file.path, _NAMES):
            yield Hit(file.path, 0, f"{file.path} is a made file ({glob})")
            continue
        head = next((what for start, what in _HEADS if file.after.head.startswith(start)), "")
        if head:
            yield Hit(file.path, 0, f"{file.path} is {head}, whatever its name says")
        elif not named(file.path, LOCK_FILES):
            yield from _first_line(file)


def _first_line(file: FileChange) -> Iterator[Hit]:
    """The first line that is too long or looks encoded, or the first of many that do together."""
    encoded = []
    for line in file.added:
        if len(line.text) > LONGEST_LINE:
            yield Hit(file.path, line.number, f"the line is {len(line.text):,} characters long")
            return
        if found := _encoded(line.text):
            yield Hit(file.path, line.number, f"the line holds {found:,} characters that look encoded")
            return
        if _ENCODED_LINE.fullmatch(line.text) and entropy(line.text) > _LINE_BITS:
            encoded.append(line.number)
    if len(encoded) > MOST_ENCODED_LINES:
        yield Hit(file.path, encoded[0], f"{len(encoded)} lines look encoded")


def _encoded(text: str) -> int:
    """Length of a run that looks encoded; 0 when there is none."""
    if escapes := _ESCAPES.search(text):
        return len(escapes.group())
    run = _RUN.search(text)
    return len(run.group()) if run and entropy(run.group()) > _ENCODED_BITS else 0
