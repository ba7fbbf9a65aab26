"""Conditions of 1.x, wherever they stand: in triggers, in listeners, in each other."""

from collections.abc import Iterator
from typing import Any, cast

from pydantic import ValidationError

from tiercel.definition.catalog import Catalog
from tiercel.definition.checks.types import full, renamed, unknown_type
from tiercel.definition.document import Document
from tiercel.definition.mistakes import explain
from tiercel.definition.problem import Path, Problem
from tiercel.definition.walk import Written, entries, mappings
from tiercel.model.conditions import condition_class

_LISTS = ("conditions", "scheduleConditions")


def check_conditions(document: Document, catalog: Catalog) -> Iterator[Problem]:
    for holder in [*entries(document, "triggers"), *entries(document, "listeners")]:
        for name in _LISTS:
            for condition in mappings(holder.data.get(name), (*holder.path, name)):
                yield from _condition(document, catalog, condition)
        if holder.type_name.endswith(".Webhook"):
            yield from _no_multiple(document, holder)


def _condition(document: Document, catalog: Catalog, condition: Written) -> Iterator[Problem]:
    """The types first: where one is not known nothing more can be said of what holds it."""
    nested = [condition, *_within(condition)]
    unknown = [one for one in nested if one.type_name and condition_class(one.type_name) is None]
    yield from (unknown_type(document, catalog, one, "condition") for one in unknown)
    for one in nested:
        known = condition_class(one.type_name)
        if known is not None and full(one.type_name) != known.names[0]:
            yield renamed(document, one, known.names[0])
    if not unknown:
        yield from _properties(document, condition)


def _properties(document: Document, condition: Written) -> Iterator[Problem]:
    known = condition_class(condition.type_name)
    if known is None:
        path = (*condition.path, "type")
        yield document.problem("missing", "`type` is missing: a condition needs it", path, legacy="Invalid type: null")
        return
    try:
        known.model_validate(condition.data)
    except ValidationError as error:
        yield from explain(error, document, base=condition.path)


def _within(condition: Written) -> Iterator[Written]:
    """The conditions that Not, Or and MultipleCondition hold, at any depth; the last by name."""
    held, path = condition.data.get("conditions"), (*condition.path, "conditions")
    for one in [*mappings(held, path), *_by_name(held, path)]:
        yield one
        yield from _within(one)


def _by_name(held: Any, path: Path) -> Iterator[Written]:
    if isinstance(held, dict):
        for name, item in cast(dict[str, Any], held).items():
            if isinstance(item, dict):
                yield Written((*path, name), cast(dict[str, Any], item))


def _no_multiple(document: Document, webhook: Written) -> Iterator[Problem]:
    for condition in mappings(webhook.data.get("conditions"), (*webhook.path, "conditions")):
        if condition.type_name.endswith(".MultipleCondition"):
            yield document.problem(
                "value",
                f"`{webhook.id}` is called once for each execution: it cannot wait for several, as a MultipleCondition does",
                (*condition.path, "type"),
                legacy="invalid webhook: conditions of type MultipleCondition are not supported",
                legacy_path=document.legacy_path(webhook.path),
            )
