"""What a task gives: records that later tasks read as `outputs.<task id>.<name>`."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, cast

import msgspec


class Output(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Base of a task's outputs; names are camelCase outside."""

    def as_mapping(self) -> dict[str, Any]:
        """The plain data that is stored; a name whose value is None is kept as null."""
        return msgspec.to_builtins(self, str_keys=True, enc_hook=_as_plain)


class NoOutput(Output, frozen=True):
    """For tasks that give nothing."""


class AnyOutput(Output, frozen=True):
    """For tasks whose outputs have names that are known only when they are there."""

    values: dict[str, Any]
    """By name, whatever there is."""

    def as_mapping(self) -> dict[str, Any]:
        return self.values


def _as_plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(cast(Mapping[Any, Any], value))
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be an output: give texts, numbers, booleans, lists and mappings")
