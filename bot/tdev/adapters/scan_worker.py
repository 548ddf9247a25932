"""`python -m tdev.adapters.scan_worker SECONDS SECONDS_PER_MIB`: scans the files on standard input, away from the rest.

Input: for each file eight bytes of length, big-endian, then its content. Output: one line of facts for each, in order,
written at once, so that whoever reads a broken answer knows which file broke it. A file that takes more processor time
than the arguments allow, or more memory than MEMORY_BYTES, ends the process.
"""

from __future__ import annotations

import gc
import resource
import signal
import sys
from collections.abc import Iterator
from typing import IO

from tdev.core.scan import encode_facts, scan_file

MEMORY_BYTES = 2 * 1024**3
"""Most address space; a file that needs more ends the process or counts as nested too deeply."""
HEAD = 8


def frame(sources: list[bytes]) -> bytes:
    """The input that makes the worker scan those files."""
    return b"".join(len(source).to_bytes(HEAD, "big") + source for source in sources)


def _framed(stream: IO[bytes]) -> Iterator[bytes]:
    """The files of an input."""
    while head := stream.read(HEAD):
        yield stream.read(int.from_bytes(head, "big"))


def main(seconds: float, seconds_per_mib: float) -> None:
    """Scan until the input ends. The timer's signal is not handled: it ends the process even inside the parser."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    allowed = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
    gc.disable()
    for source in _framed(sys.stdin.buffer):
        signal.setitimer(signal.ITIMER_PROF, seconds + seconds_per_mib * len(source) / 2**20)
        sys.stdout.write(encode_facts(scan_file("", source)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:3]))
