"""`tdev schema`: write the published JSON Schemas from the models, or check that they are up to date.

For developers of this project and for its own checks: `make schema` writes, `make lint` runs it
with `--check`. Editors use policies/schema/, people who read run directories use docs/schemas/. The
table of keys in docs/policies.md is made from the same models.

Generated files are committed, so that a change of an artifact's shape is seen in review.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tdev.adapters.files import write_atomically
from tdev.cli.arguments import add_json
from tdev.core.artifacts import ARTIFACTS, Artifact
from tdev.core.artifacts.model import Model
from tdev.errors import ConfigurationError, ExitCode
from tdev.policy.model import Policy
from tdev.policy.page import with_key_table

DIALECT = "https://json-schema.org/draft/2020-12/schema"
POLICY_SCHEMA = "policies/schema/tdev.schema.json"
POLICY_PAGE = "docs/policies.md"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file differs")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="root of the project (default: .)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write or check; a difference is a configuration error that names the first file."""
    root: Path = arguments.out
    if not root.is_dir():
        raise ConfigurationError(f"There is no folder {root}.", next_step="Give the project's root with --out.")
    texts = schemas()
    page = root / POLICY_PAGE
    if page.is_file():
        texts[POLICY_PAGE] = with_key_table(page.read_text("utf-8"))
    differing = [name for name, text in texts.items() if _content(root / name) != text]
    if arguments.check and differing:
        raise ConfigurationError(
            f"{differing[0]} is not what the models say ({len(differing)} of {len(texts)} files differ).",
            next_step="Run `tdev schema` and commit what it writes.",
        )
    for name in differing:
        write_atomically(root / name, texts[name].encode(), backup=False)
    if arguments.json:
        print(json.dumps({"ok": True, "files": len(texts), "written": differing}))
    else:
        print(f"{len(texts)} files are up to date, {len(differing)} of them written now.")
    return ExitCode.OK


def schemas() -> dict[str, str]:
    """Text of every published schema, by POSIX path below the project's root; the same on every machine."""
    texts = {f"docs/schemas/{_name(artifact)}": schema_text(artifact.model) for artifact in ARTIFACTS}
    return {**texts, POLICY_SCHEMA: schema_text(Policy)}


def schema_text(model: type[Model]) -> str:
    """The JSON Schema of a model as it is published."""
    schema = {"$schema": DIALECT, **model.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _name(artifact: Artifact) -> str:
    """`spec/model.json` -> `spec-model.schema.json`."""
    stem = artifact.file.rpartition(".")[0]
    return f"{stem.replace('/', '-').lower()}.schema.json"


def _content(file: Path) -> str:
    """What the file holds now; empty when it is absent or not text."""
    try:
        return file.read_text("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
