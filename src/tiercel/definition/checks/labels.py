"""Labels: keys that can be searched, values that are there, and none of the server's own."""

from collections.abc import Iterator
from typing import Any, cast

import regex

from tiercel.definition.document import Document
from tiercel.definition.problem import Path, Problem
from tiercel.definition.walk import entries, tasks
from tiercel.model.flowable import ForEachItem, Subflow

KEY = regex.compile(r"[\p{Ll}][\p{L}0-9._-]*")
SYSTEM = "system"
ALLOWED = frozenset({"system.readOnly"})
_LABELLING = (Subflow, ForEachItem)
"""Tasks whose `labels` become those of the executions they start. What Labels is given is refused when it runs."""


def check_labels(document: Document) -> Iterator[Problem]:
    for path in _label_paths(document):
        for place, key, value in _pairs(document.at(path), path):
            yield from _key(document, place, key, value, is_of_flow=path == ("labels",))
            yield from _value(document, place, key, value)


def key_fault(key: str) -> str | None:
    """Why a key cannot be used, or None. For labels from outside a definition too."""
    if key == SYSTEM or key.startswith(f"{SYSTEM}."):
        return "keys that begin with `system` belong to the server"
    if not KEY.fullmatch(key):
        return "a key begins with a small letter, then letters, digits, `.`, `_` and `-` may follow"
    return None


def fault_words(key: str, value: Any) -> str:
    """Why a key cannot be used, in the words that clients know."""
    if key.startswith(f"{SYSTEM}."):
        return f"System labels can only be set by Kestra itself, offending label: {key}={value}"
    return f"Invalid label key. '{key}' must start with a lowercase letter and hold letters, digits, '.', '_' and '-'"


def _label_paths(document: Document) -> Iterator[Path]:
    yield ("labels",)
    for name in ("triggers", "sla"):
        yield from ((*one.path, "labels") for one in entries(document, name))
    yield from ((*task.path, "labels") for task in tasks(document) if task.model in _LABELLING)


def _pairs(value: Any, path: Path) -> Iterator[tuple[Path, str, Any]]:
    """Key and value of each label, written as a mapping or as a list."""
    if isinstance(value, dict):
        for key, text in cast(dict[str, Any], value).items():
            yield (*path, key), key, text
    elif isinstance(value, list):
        for place, item in enumerate(cast(list[Any], value)):
            if isinstance(item, dict) and isinstance(key := cast(dict[str, Any], item).get("key"), str):
                yield (*path, place), key, cast(dict[str, Any], item).get("value")


def _key(document: Document, path: Path, key: str, value: Any, *, is_of_flow: bool) -> Iterator[Problem]:
    if is_of_flow and key in ALLOWED:
        return
    fault = None if "{{" in key else key_fault(key)
    if fault is not None:
        yield _fault(document, path, f"`{key}` cannot be the key of a label: {fault}", fault_words(key, value))


def _value(document: Document, path: Path, key: str, value: Any) -> Iterator[Problem]:
    if value == "":
        legacy_path = document.legacy_path(path)
        message = f"the label `{key}` has an empty value"
        yield document.problem("empty", message, path, legacy="must not be empty", legacy_path=legacy_path)


def _fault(document: Document, path: Path, message: str, legacy: str) -> Problem:
    return document.problem(
        "label", message, path, span=document.key_span(path), legacy=f"Invalid Flow: {legacy}", legacy_path=""
    )
