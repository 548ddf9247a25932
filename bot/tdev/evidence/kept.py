"""Answers that were given before, kept by content: same files, policy, rules and programs, same answer.

An answer is kept only when it is complete, so that what failed is tried again. It is found by a hash of everything it
depends on: our own code, the rules, the pinned programs and the interpreter (they choose the cache file), the policy,
and the subject, which git's ids name. Repository code runs in the sandbox and can't reach the cache.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from tdev.adapters.content_cache import open_evidence
from tdev.adapters.run_dir import RunDir

M = TypeVar("M", bound=BaseModel)


def key_of(run: RunDir, name: str, *subject: str) -> str:
    """The key of one program's answer about one subject, under the run's policy."""
    document = json.dumps([name, run.policy.model_dump(mode="json"), *subject], sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()


def recall(run: RunDir, key: str, model: type[M]) -> M | None:
    """The answer that is kept under a key, or None."""
    with open_evidence(run.settings) as cache:
        body = cache.find([key]).get(key)
    if body is None:
        return None
    try:
        return model.model_validate_json(body)
    except ValueError:
        return None


def remember(run: RunDir, key: str, answer: BaseModel) -> None:
    """Keep an answer."""
    with open_evidence(run.settings) as cache:
        cache.keep({key: answer.model_dump_json()})


def kept(run: RunDir, key: str, model: type[M], complete: Callable[[M], bool], ask: Callable[[], M]) -> M:
    """The answer kept under a key; else asked for, and kept where it is `complete`."""
    known = recall(run, key, model)
    if known is not None:
        return known
    answer = ask()
    if complete(answer):
        remember(run, key, answer)
    return answer
