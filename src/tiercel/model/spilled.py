"""Outputs that are too large for a row: a file of internal storage holds them, and a reference stands in their place.

Whoever reads such data is given what the file says; what is only passed on stays a reference.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import msgspec

from tiercel.model.sealed import is_sealed

REFERENCE, SIZE = "$ref", "size"
"""What a reference holds: the URI of the file, and how many bytes of JSON that has."""
FOLDER = "_outputs"
"""Such files lie in a folder of this name below that of their execution."""
SCHEME = "kestra:///"

RECALL, KEEP = "recall", "keepOutputs"
"""Questions of the engine's own to the world: what a file holds; to put outputs into a file, for the reference to it."""

_MARK = f'"{REFERENCE}":"{SCHEME}'.encode()
_ENCODER = msgspec.json.Encoder(enc_hook=str)
_ODD = (TypeError, ValueError, OverflowError, RecursionError)
"""Of values that JSON cannot hold."""

Recall = Callable[[str], Any]
"""From the URI of a file to what it holds."""


class OutputLimits(msgspec.Struct, frozen=True):
    """How large the outputs of one task run, or of one execution, may be: in bytes of their JSON."""

    inline: int = 1024 * 1024
    """What is larger goes to internal storage."""
    most: int | None = None
    """What is larger fails its task. None: nothing is too large."""

    @property
    def as_given(self) -> int:
        """What is no larger stays as its task gave it."""
        return self.inline if self.most is None else min(self.inline, self.most)


def size_of(outputs: Any) -> int:
    """How many bytes of JSON these are; what JSON cannot hold is small, for rows write it in words of their own."""
    try:
        return len(_ENCODER.encode(outputs))
    except _ODD:
        return 0


def reference(uri: str, size: int) -> dict[str, Any]:
    """What stands in place of the outputs that the file holds."""
    return {REFERENCE: uri, SIZE: size}


def is_spilled(value: Any) -> bool:
    """Whether this is a reference."""
    if not isinstance(value, Mapping):
        return False
    entries = cast(Mapping[str, Any], value)
    return len(entries) == 2 and SIZE in entries and _is_file(entries.get(REFERENCE))


def _is_file(uri: Any) -> bool:
    return isinstance(uri, str) and uri.startswith(SCHEME) and f"/{FOLDER}/" in uri


def holds_spilled(value: Any) -> bool:
    """Whether a reference stands anywhere in plain data: found by its text, which is quicker than to look at each value."""
    try:
        return _MARK in _ENCODER.encode(value) and _refers(value)
    except _ODD:
        return _refers(value)


def _refers(value: Any) -> bool:
    return next(references(value), None) is not None


def references(value: Any) -> Iterator[str]:
    """The URIs of all files that plain data refers to."""
    if is_spilled(value):
        yield value[REFERENCE]
    elif isinstance(value, dict):
        for inner in cast(dict[str, Any], value).values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from references(inner)


def filled(value: Any, recall: Recall) -> Any:
    """Plain data with what the files hold in place of the references."""
    if is_spilled(value):
        return recall(value[REFERENCE])
    if isinstance(value, dict):
        return {name: filled(inner, recall) for name, inner in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [filled(inner, recall) for inner in cast(list[Any], value)]
    return value


def recalled(value: Any, recall: Recall) -> Any:
    """The value as expressions see it: a file is asked for when something in it is named, and no earlier."""
    if is_spilled(value):
        return recalled(recall(value[REFERENCE]), recall)
    if isinstance(value, Mapping) and not is_sealed(value):
        return Recalled(cast(Mapping[str, Any], value), recall)
    if isinstance(value, list) and holds_spilled(cast(Any, value)):
        return [recalled(inner, recall) for inner in cast(list[Any], value)]
    return cast(Any, value)


class Recalled(Mapping[str, Any]):
    """A mapping whose references are what they refer to for those who read it, name by name."""

    __slots__ = ("_inner", "_only", "_recall")

    def __init__(self, inner: Mapping[str, Any], recall: Recall, *, only: frozenset[str] | None = None) -> None:
        self._inner = inner
        self._recall = recall
        self._only = only
        """The names below which references may stand; None: all."""

    def __getitem__(self, name: str) -> Any:
        value = self._inner[name]
        return value if self._only is not None and name not in self._only else recalled(value, self._recall)

    def __contains__(self, name: object) -> bool:
        return name in self._inner

    def __iter__(self) -> Iterator[str]:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)
