"""Valid values for the schemas of GitHub's description, always the same ones.

Comes in: a function that follows references and one that says whether a value is valid. Goes out: a value
with every property, or with the required ones alone. Below a depth of six only what is required is filled
in, so that schemas that hold themselves come to an end. Where a schema leaves a choice (oneOf, anyOf), the
first alternative that makes the whole valid is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
_DEEPEST = 6
_TEXTS = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "uri": "https://example.com/x",
    "uri-template": "https://example.com/x{/id}",
    "email": "mona@example.com",
}
_BY_PATTERN = ("0" * 40, "a", "1", "CVE-2026-0001", "GHSA-2222-3333-4444", "https://example.com/x", "0.1", "")


@dataclass(frozen=True)
class Examples:
    """Makes examples for one description."""

    resolve: Callable[[Schema], Schema]
    valid: Callable[[Schema, Any], bool]

    def of(self, schema: Schema, optional: bool = True) -> Any:
        """A valid value; ValueError where none was found."""
        for value in (self._build(schema, optional, 0), self._build(schema, False, 0)):
            if self.valid(schema, value):
                return value
        raise ValueError(f"No example was found for {schema.get('title', 'a schema')}.")

    def _build(self, schema: Schema, optional: bool, depth: int) -> Any:
        """A value for a schema at a depth."""
        schema = self.resolve(schema)
        optional = optional and depth < _DEEPEST
        if depth > _DEEPEST and schema.get("nullable"):
            return None
        for candidate in self._candidates(schema, optional, depth):
            if not {"oneOf", "anyOf", "allOf", "pattern"} & set(schema) or self.valid(schema, candidate):
                return candidate
        return None if schema.get("nullable") else self._plain(schema, optional, depth)

    def _candidates(self, schema: Schema, optional: bool, depth: int) -> Iterator[Any]:
        """Values to try, best first."""
        if "enum" in schema:
            yield schema["enum"][0]
            return
        choices = schema.get("oneOf") or schema.get("anyOf")
        if not choices:
            yield from self._simple(schema, optional, depth)
            return
        own = self._plain(schema, optional, depth) if "properties" in schema or "allOf" in schema else None
        for more in (optional, False):
            for choice in choices:
                value = self._build(choice, more, depth)
                yield {**own, **value} if isinstance(own, dict) and isinstance(value, dict) else value

    def _simple(self, schema: Schema, optional: bool, depth: int) -> Iterator[Any]:
        """Values of a schema without alternatives."""
        yield self._plain(schema, optional, depth)
        if "pattern" in schema:
            yield from _BY_PATTERN
        for part in schema.get("allOf", ()):
            yield from self._candidates(self.resolve(part), optional, depth)

    def _plain(self, schema: Schema, optional: bool, depth: int) -> Any:
        """A value by type."""
        kind = schema.get("type")
        if kind == "object" or "properties" in schema or "allOf" in schema:
            return self._object(schema, optional, depth)
        if kind == "array":
            wanted = max(schema.get("minItems", 0), 1 if depth < _DEEPEST else 0)
            return [self._build(schema.get("items", {}), optional, depth + 1) for _ in range(wanted)]
        if kind == "boolean":
            return False
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
        text = _TEXTS.get(schema.get("format", ""), "text")
        return text.ljust(schema.get("minLength", 0), "t")[: schema.get("maxLength", 10_000)]

    def _object(self, schema: Schema, optional: bool, depth: int) -> Any:
        """An object."""
        found: dict[str, Any] = {}
        rules, needed = self._rules(schema)
        for name, rule in rules.items():
            if name in needed or optional:
                found[name] = self._build(rule, optional, depth + 1)
        more = schema.get("additionalProperties")
        missing = [name for name in needed if name not in found]
        if isinstance(more, dict) and ((optional and not found) or missing):
            found |= {name: self._build(more, optional, depth + 1) for name in missing or ["text"]}
        return found

    def _rules(self, schema: Schema) -> tuple[dict[str, Schema], list[str]]:
        """The properties of an object and those it needs, with all that allOf adds; one name's rules hold together."""
        rules: dict[str, Schema] = dict(schema.get("properties", {}))
        needed = list(schema.get("required", ()))
        for part in map(self.resolve, schema.get("allOf", ())):
            more, names = self._rules(part)
            for name, rule in more.items():
                rules[name] = {"allOf": [rule, rules[name]]} if name in rules else rule
            needed += names
        return rules, needed
