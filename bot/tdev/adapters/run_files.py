"""Reading one file of a run directory as the model it must be.

Used by run_dir.py for artifacts and the policy, by run_seal.py for the manifest. Comes in: a model
class and a path. Goes out: an instance that is valid. A file that is absent, was cut short or was
edited by hand is told apart and named: these are the three things that happen to run directories.

Nothing is repaired, and fields that are not known are an error as well, since they would mean that
another version wrote the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from tdev.core.artifacts import Model
from tdev.errors import ConfigurationError

M = TypeVar("M", bound=Model)


def read_model(model: type[M], folder: Path, name: str) -> M:
    """The file of that name in a run directory; raises ConfigurationError when it is absent or damaged."""
    file = folder / name
    try:
        return model.model_validate_json(file.read_bytes())
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"Run {folder.name} has no {name}.", next_step="The stage that writes it has not run yet."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(
            f"{file} is damaged at {place or 'its start'}: {first['msg']}.",
            next_step=f"Run `tdev run verify {folder.name}`.",
        ) from error
