"""spec: requirement text -> specification, SRS, acceptance criteria, OpenAPI document; open questions end the run.

Only for `build`. The form of a requirement is described in docs/requirements.md. Without a model
the text is read by a grammar (core/requirement); with one, the model fills the same Spec and is
held to the same checks. Open questions are put to the person and never guessed at.

The OpenAPI document is derived from the Spec, so the service and its contract tests have one
source.
"""

from __future__ import annotations

import json
from functools import partial

import yaml

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.spec import Spec
from tdev.core.openapi import document
from tdev.core.requirement import documents
from tdev.core.requirement.check import check
from tdev.core.requirement.grammar import Parsed, parse
from tdev.errors import Refused
from tdev.stages.questions import put_question
from tdev.tools.openapi_validator import validate

OPENAPI_FILE = "spec/openapi.yaml"
SRS_FILE = "spec/SRS.md"
ACCEPTANCE_FILE = "spec/acceptance.json"
QUESTIONS_FILE = "spec/questions.md"


def spec(run: RunDir) -> RunDir:
    """Write spec/model.json, SRS.md, acceptance.json and openapi.yaml, the last checked by an outside program.

    Raises Refused with numbered questions when the requirement leaves something open; they are in spec/questions.md.
    """
    _check_length(run)
    parsed = _from_model(run) if run.goal.engine == "claude" else parse(run.goal.text)
    made = parsed.spec
    run.write(made)
    if made.questions:
        run.write_bytes(QUESTIONS_FILE, documents.questions(made).encode())
        run.emit("tdev.spec.questions", f"{len(made.questions)} questions are open", questions=len(made.questions))
        raise Refused(
            f"The requirement leaves {len(made.questions)} questions open:\n{documents.question_list(made)}\n",
            next_step="Answer them by lines in the requirement, then build again; the form is in docs/requirements.md.",
        )
    run.write_bytes(SRS_FILE, documents.srs(made, run.goal.text, parsed.stories, parsed.notes).encode())
    run.write_bytes(ACCEPTANCE_FILE, _json(documents.acceptance(made)))
    text = yaml.safe_dump(document(made), sort_keys=False, allow_unicode=True, width=120)
    run.write_bytes(OPENAPI_FILE, text.encode())
    validate(run.settings, run.path / OPENAPI_FILE, run.policy.limits.tool_seconds)
    operations = sum(len(resource.operations) for resource in made.resources)
    message = f"{len(made.resources)} resources, {operations} operations, {len(made.criteria)} acceptance criteria"
    run.emit("tdev.spec.made", message, resources=len(made.resources), operations=operations)
    return run


def _check_length(run: RunDir) -> None:
    """Raise Refused when the requirement is longer than policy allows."""
    size, most = len(run.goal.text.encode("utf-8", "surrogatepass")), run.policy.limits.requirement_bytes
    if size > most:
        raise Refused(
            f"The requirement is {size} bytes long; the policy allows {most}.",
            next_step="Shorten it, or raise limits.requirement_bytes in .github/tdev.yml.",
        )


def _from_model(run: RunDir) -> Parsed:
    """The specification by Claude, checked as the grammar's is; its questions and the check's are both asked."""
    from tdev.engines.claude.structured import spec_from_requirement

    asking = partial(spec_from_requirement, run.settings, run.policy, run.goal.text)
    made = Spec.model_validate(put_question(run, "spec", asking))
    open_questions = (*made.questions, *check(made))
    numbered = tuple(question.model_copy(update={"number": n}) for n, question in enumerate(open_questions, 1))
    return Parsed(made.model_copy(update={"questions": numbered}), (), ())


def _json(value: object) -> bytes:
    """Readable JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
