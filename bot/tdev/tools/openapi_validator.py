"""openapi-spec-validator: whether an OpenAPI document follows the specification.

The spec stage asks it about the document that we derived, before anything is built on it. A wrong
document is a defect of ours and no fault of the requirement, hence the plain TdevError. Its exit
code is not enough: the line with OK must be there.
"""

from __future__ import annotations

from pathlib import Path

from tdev.errors import TdevError, TransientError
from tdev.settings import Settings
from tdev.tools.toolbox import Toolbox

_TOOL = "openapi-spec-validator"


def validate(settings: Settings, document: Path, timeout: float) -> None:
    """Return only when the program itself has said that the file is a valid OpenAPI 3.1 document.

    Raises TransientError when the program did not run to its end, TdevError (a defect: the document is ours) when it
    found the document wrong.
    """
    done = Toolbox(settings).run(_TOOL, "--schema", "3.1", document.name, cwd=document.parent, timeout=timeout)
    said = f"{done.stdout}\n{done.stderr}".strip()
    if done.ok and f"{document.name}: OK" in said.splitlines():
        return
    if done.timed_out or done.exit_code < 0:
        raise TransientError(f"{_TOOL} did not end within {timeout:g} s.", next_step="Run the stage again.")
    raise TdevError(
        f"The OpenAPI document is not valid: {done.tail(6) or 'the validator said nothing'}",
        next_step="This is a defect of T-Developer; please report it with the requirement.",
    )
