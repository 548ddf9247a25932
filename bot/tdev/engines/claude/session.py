"""One session with Claude Code, seen from the engine: start the worker, pass on what it tells, read how it ended.

Called by the engine. The worker (worker.py) gets a Talk on its standard input and answers with lines of Told, which a
thread reads as they come: progress is shown, entries go into the transcript, redacted, and the ending is kept.

The worker is started with `-I` and our own sys.path, so nothing in the checkout can be imported by it, and with an
environment that holds nothing but where programs and certificates are.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from tdev.adapters import process
from tdev.engines.claude.talk import Ending, Talk, Told
from tdev.engines.claude.transcript import Transcript
from tdev.errors import TdevError, TransientError
from tdev.settings import Settings

_GRACE_SECONDS = 30.0
"""What a worker may take beyond its own limit before it is killed."""
_LONGEST_LINE = 64 * 1024 * 1024
_START = "import sys; sys.path[:] = sys.argv[1:]; from tdev.engines.claude.worker import main; sys.exit(main())"


def hold(
    settings: Settings, folder: Path, talk: Talk, transcript: Transcript, progress: Callable[[str], None]
) -> Ending:
    """Hold one session in a worker process whose working directory is `folder`.

    Raises TransientError when the worker dies or says nothing, or when the transcript can't be written.
    """
    hearing = _Hearing(transcript, progress)
    with hearing.listening() as output:
        done = process.run(
            (sys.executable, "-I", "-c", _START, *(place for place in sys.path if Path(place).is_absolute())),
            cwd=folder,
            environment={**settings.child_environment, "HOME": str(folder), "TMPDIR": str(folder)},
            timeout=talk.seconds + _GRACE_SECONDS,
            stdin=talk.model_dump_json().encode(),
            output=output,
        )
    if hearing.error is not None:
        raise hearing.error
    if hearing.ending is None:
        how = "was killed at its time limit" if done.timed_out else f"ended with exit code {done.exit_code}"
        said = transcript.clean(done.tail(3)) or "no message"
        raise _crashed(TransientError(f"The process around Claude Code {how} and gave no result: {said}."))
    return hearing.ending


def _crashed(error: TransientError) -> TransientError:
    error.failure = "crashed"
    return error


class _Hearing:
    """What the worker has told so far."""

    def __init__(self, transcript: Transcript, progress: Callable[[str], None]) -> None:
        self.ending: Ending | None = None
        self.error: TdevError | None = None
        self._transcript = transcript
        self._progress = progress

    @contextlib.contextmanager
    def listening(self) -> Iterator[BinaryIO]:
        """The end of a pipe for the worker to write to; at the end all that it wrote has been heard."""
        reading, writing = os.pipe()
        thread = threading.Thread(target=self._listen, args=(reading,), daemon=True)
        thread.start()
        try:
            with os.fdopen(writing, "wb") as output:
                yield output
        finally:
            thread.join()

    def _listen(self, reading: int) -> None:
        """Hear each line; what can't be written ends it, and the worker at its next word."""
        with os.fdopen(reading, "rb") as lines:
            try:
                while line := lines.readline(_LONGEST_LINE):
                    self._hear(line)
            except TdevError as error:
                self.error = error

    def _hear(self, line: bytes) -> None:
        try:
            told = Told.model_validate_json(line)
        except ValidationError:
            return
        if told.entry:
            self._transcript.add(told.entry)
        if told.progress:
            with contextlib.suppress(TdevError):
                self._progress(self._transcript.clean(told.progress)[:200])
        if told.ending:
            self.ending = _cleaned(told.ending, self._transcript)


def _cleaned(ending: Ending, transcript: Transcript) -> Ending:
    """The ending without secrets."""
    words = {name: transcript.clean(getattr(ending, name)) for name in ("text", "detail", "api_error", "stop_reason")}
    return ending.model_copy(update=words)
