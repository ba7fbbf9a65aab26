"""What editing asks about types. services/schemas answers; here is only the question."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Types(Protocol):
    """The types of tasks, triggers and conditions."""

    def names(self, kind: str) -> Sequence[str]:
        """Those of a kind that are installed."""
        ...

    def other_names(self, kind: str) -> Sequence[str]:
        """Those that exist and are not installed."""
        ...

    def resolve(self, name: str) -> str | None:
        """The present full name of a type, by any of its names."""
        ...

    def is_installed(self, name: str) -> bool: ...

    def schema(self, name: str) -> Mapping[str, Any]:
        """The JSON Schema of its own properties."""
        ...

    def outputs(self, name: str) -> Mapping[str, Any]:
        """The JSON Schema of what it gives, or of `trigger`."""
        ...

    def meaning(self, name: str) -> str:
        """What it is for."""
        ...

    def example(self, name: str) -> str:
        """A flow that shows it at work."""
        ...

    def meanings(self, known: type) -> Mapping[str, str]:
        """What the properties of a class mean."""
        ...
