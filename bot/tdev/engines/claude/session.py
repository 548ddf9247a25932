"""One session with Claude Code, seen from the engine: start the worker, pass its progress on, read how it ended.

Called by engine and structured. The worker (worker.py) gets a Talk on its standard input and
answers with an Ending; progress comes through a file that is followed meanwhile, because the answer
is one value that must not be mixed with anything.

The worker is started with `-I` and our own sys.path, so nothing in the checkout can be imported by
it. Costs of sessions are kept beside them: Claude Code reports the sum over all resumed tries.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import ValidationError

from tdev.adapters import process
from tdev.adapters.files import explained, write_atomically
from tdev.engines.claude.options import environment
from tdev.engines.claude.talk import Ending, Talk
from tdev.errors import TdevError, TransientError
from tdev.settings import Settings

IDLE_SECONDS = 300.0
"""Longest silence of Claude Code; every token it receives counts as a sign of life."""
_GRACE_SECONDS = 30.0
"""What a worker may take beyond its own limit before it is killed."""
_POLL_SECONDS = 0.2
_START = "import sys; sys.path[:] = sys.argv[1:]; from tdev.engines.claude.worker import main; sys.exit(main())"


def hold(settings: Settings, home: Path, talk: Talk, progress: Callable[[str], None]) -> Ending:
    """Hold one session in a worker process; `home` is its HOME, kept between sessions that go on with each other.

    Raises ConfigurationError without a credential, TransientError when the worker dies or says nothing.
    """
    variables = environment(settings, home)
    with explained(home):
        Path(variables["TMPDIR"]).mkdir(parents=True, exist_ok=True)
    with _followed(Path(talk.progress), progress):
        done = process.run(
            (sys.executable, "-I", "-c", _START, *(place for place in sys.path if Path(place).is_absolute())),
            cwd=home,
            environment=variables,
            timeout=talk.seconds + _GRACE_SECONDS,
            stdin=talk.model_dump_json().encode(),
        )
    if not done.ok:
        how = "was killed at its time limit" if done.timed_out else f"ended with exit code {done.exit_code}"
        raise TransientError(f"The process around Claude Code {how}: {done.tail(3) or 'no message'}.")
    try:
        ending = Ending.model_validate_json(done.stdout)
    except ValidationError as error:
        raise TransientError("The process around Claude Code gave no readable result.") from error
    return _with_own_cost(home, talk, ending)


def _with_own_cost(home: Path, talk: Talk, ending: Ending) -> Ending:
    """The ending with what this try cost: Claude Code reports a resumed session's cost from its first try on."""
    if not ending.session:
        return ending
    before = _cost_file(home, talk.resume)
    spent = float(before.read_text(encoding="ascii")) if talk.resume and before.is_file() else 0.0
    write_atomically(_cost_file(home, ending.session), str(ending.cost_usd).encode(), backup=False)
    own = ending.cost_usd - spent if ending.cost_usd >= spent else ending.cost_usd
    return ending.model_copy(update={"cost_usd": own})


def _cost_file(home: Path, session: str) -> Path:
    return home / f"cost-{session}.txt"


def progress_file(home: Path) -> str:
    """Path of a new empty file for the progress of one session."""
    with explained(home):
        home.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(prefix="progress-", dir=home, delete=False) as file:
            return file.name


def can_resume(home: Path, session: str) -> bool:
    """True when Claude Code's own record of the session is still there."""
    return bool(session) and any((home / ".claude" / "projects").glob(f"*/{session}.jsonl"))


@contextlib.contextmanager
def _followed(file: Path, progress: Callable[[str], None]) -> Iterator[None]:
    """Pass on each line of a file as it is written; the file is removed at the end."""
    ended = threading.Event()
    follower = threading.Thread(target=_follow, args=(file, progress, ended), daemon=True)
    follower.start()
    try:
        yield
    finally:
        ended.set()
        follower.join()
        file.unlink(missing_ok=True)


def _follow(file: Path, progress: Callable[[str], None], ended: threading.Event) -> None:
    """Progress is a courtesy: where it can't be shown, the session goes on."""
    with contextlib.suppress(OSError, TdevError), file.open(encoding="utf-8", errors="replace") as lines:
        while True:
            last = ended.wait(_POLL_SECONDS)
            for line in lines.read().splitlines():
                progress(line)
            if last:
                return
