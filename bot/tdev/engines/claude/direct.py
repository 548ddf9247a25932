"""One question to the model without Claude Code: no tools, no files, one answer, through the same proxy and budget.

Called by structured (a specification), planning (a plan), summing_up (a summary of the change) and triage (what a
failed attempt has to change). The official client speaks over the model proxy's Unix socket, so it needs no key either.
The part of a conversation that comes again is marked for the provider's prompt cache. An overloaded model is followed
by the policy's fallback.

The client's package is imported inside functions: it takes seconds, and few runs need it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tdev.adapters.private_folder import private_folder
from tdev.engines.claude.endings import api_failure, out_of_money
from tdev.engines.claude.tries import Tries
from tdev.engines.engine import Work
from tdev.errors import BudgetExceeded, Refused, TdevError, TransientError
from tdev.policy.model_choice import ModelChoice
from tdev.proxies.model import ModelProxy, model_proxy
from tdev.proxies.providers.provider import PLACEHOLDER
from tdev.settings import Settings

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import Message, MessageParam, OutputConfigParam, TextBlockParam

_ADDRESS = "http://127.0.0.1"
"""What the client believes to speak to; the way is the socket, and the proxy knows every provider's form."""
_CACHED: Mapping[str, str] = {"type": "ephemeral"}
_RETRIES = 2
"""How often the client asks the same model again after a failure that may pass."""


@dataclass(frozen=True)
class Question:
    """What is asked."""

    system: str
    """Who the model is and what holds; the same in every run."""
    turns: Sequence[str]
    """What we said and what it answered, by turns; the last is ours."""
    schema: Mapping[str, object] | None = None
    """JSON Schema of the answer; None = plain text."""
    seconds: float = 300.0
    """Longest wait for an answer."""
    tokens: int = 16_000
    """Longest answer."""


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    text: str
    """All of it."""
    values: object = None
    """The JSON value of it, where a schema was given and the text is JSON; else None."""


@dataclass(frozen=True)
class Line:
    """An open way to the model."""

    choice: ModelChoice
    client: Anthropic
    proxy: ModelProxy
    usd: float
    """What the proxy may spend."""
    tries: Tries | None

    def work(self, summary: str) -> Work:
        """What all questions have cost so far, with what earlier ones cost that were killed before they could tell."""
        usage = self.proxy.usage()
        return Work(
            summary=summary,
            cost_usd=self.tries.unreported_usd(usage.usd) if self.tries else usage.usd,
            input_tokens=usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens,
            output_tokens=usage.output_tokens,
            turns=usage.requests,
        )


@contextmanager
def line(
    settings: Settings, choice: ModelChoice, usd: float, ledger: Path | None = None, on_record: float = 0.0
) -> Iterator[Line]:
    """A way to the model that may spend `usd` US dollars.

    `ledger` is a folder for the ledger of tries (tries.py), `on_record` what the run already has of it.
    Raises BudgetExceeded when nothing is left, ConfigurationError without a credential. A TdevError that leaves the
    block gets as `cost_usd` what was spent.
    """
    if usd <= 0:
        raise BudgetExceeded("The run's model budget is used up.", next_step="Give more with --usd.")
    tries = Tries(ledger, on_record) if ledger else None
    log = tries.begin(attempt=0) if tries else None
    with (
        private_folder("model") as folder,
        model_proxy(settings, choice, usd, Path(folder, "model"), log) as proxy,
        _client(proxy) as client,
    ):
        way = Line(choice, client, proxy, usd, tries)
        try:
            yield way
        except TdevError as error:
            error.cost_usd = way.work("").cost_usd
            raise


def ask(way: Line, question: Question) -> Answer:
    """The answer to a question, by the chosen model or, where that is overloaded, by the fallback.

    Raises ConfigurationError, BudgetExceeded, Refused or TransientError as the engine does.
    """
    names = dict.fromkeys(name for name in (way.choice.name, way.choice.fallback) if name)
    for name in names:
        try:
            return _answer(_asked(way, question, name), question)
        except TdevError as error:
            if error.failure != "overload" or name == list(names)[-1]:
                raise
    raise TransientError("No model is named.")


@contextmanager
def _client(proxy: ModelProxy) -> Iterator[Anthropic]:
    import httpx2
    from anthropic import Anthropic

    with (
        httpx2.Client(transport=httpx2.HTTPTransport(uds=str(proxy.socket)), trust_env=False) as http,
        Anthropic(
            api_key=PLACEHOLDER,
            base_url=_ADDRESS,
            http_client=http,
            max_retries=_RETRIES,
        ) as client,
    ):
        yield client


def _asked(way: Line, question: Question, name: str) -> Message:
    """The model's message; raises the error that a failure is."""
    import anthropic

    try:
        return way.client.messages.create(
            model=way.proxy.provider.model_id(name),
            max_tokens=question.tokens,
            system=[cast("TextBlockParam", {"type": "text", "text": question.system, "cache_control": _CACHED})],
            messages=_messages(question.turns),
            output_config=_output(question.schema),
            timeout=question.seconds,
        )
    except anthropic.APIStatusError as error:
        raise _failure(way, name, error.status_code, _said(error.body) or error.message) from error
    except anthropic.APIConnectionError as error:
        raise _failure(way, name, 0, f"no answer ({type(error).__name__})") from error
    except (anthropic.AnthropicError, ValueError) as error:
        raise TransientError(f"The model API's answer can't be read ({type(error).__name__}).") from error


def _failure(way: Line, name: str, status: int, said: str) -> TdevError:
    if way.proxy.usage().stopped:
        return out_of_money(way.usd)
    word = "" if status else "server_error"
    failure = api_failure(status, word, said, model=name, credential=way.proxy.provider.credential)
    return failure or TransientError(f"The model API failed: {said}.")


def _messages(turns: Sequence[str]) -> list[MessageParam]:
    """The conversation; what is said again with each further question is cached."""
    made = [{"role": ("user", "assistant")[number % 2], "content": [_text(turn)]} for number, turn in enumerate(turns)]
    made[-1]["content"] = [{**_text(turns[-1]), "cache_control": _CACHED}]
    return cast("list[MessageParam]", made)


def _text(text: str) -> dict[str, object]:
    return {"type": "text", "text": text}


def _output(schema: Mapping[str, object] | None) -> OutputConfigParam:
    from anthropic import transform_schema

    if schema is None:
        return {}
    return {"format": {"type": "json_schema", "schema": transform_schema(dict(schema))}}


def _answer(message: Message, question: Question) -> Answer:
    """The message's text, and its value; raises Refused or TransientError where there is none."""
    if message.stop_reason == "refusal":
        declined = Refused("The model declined to answer.", next_step="Word the request differently.")
        declined.failure = "refused"
        raise declined
    text = "".join(block.text for block in message.content if block.type == "text")
    if message.stop_reason == "max_tokens":
        raise TransientError(f"The model's answer was cut off after {message.usage.output_tokens} tokens.")
    if question.schema is None:
        return Answer(text)
    try:
        return Answer(text, json.loads(text))
    except (ValueError, RecursionError):
        return Answer(text)


def _said(body: object) -> str:
    """The API's own message in an error's body."""
    error = body.get("error") if isinstance(body, dict) else None
    said = error.get("message") if isinstance(error, dict) else None
    return said if isinstance(said, str) else ""
