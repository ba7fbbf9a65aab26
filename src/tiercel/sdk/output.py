"""What a task gives: records that later tasks read as `outputs.<task id>.<name>`."""

from typing import Any

import msgspec


class Output(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Base of a task's outputs; names are camelCase outside."""

    def as_mapping(self) -> dict[str, Any]:
        """The plain data that is stored; a name whose value is None is kept as null."""
        return msgspec.to_builtins(self)


class NoOutput(Output, frozen=True):
    """For tasks that give nothing."""
