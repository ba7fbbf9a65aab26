"""What differs between versions of the language. Flows of older ones are understood by a setting of the server."""

from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

Version: TypeAlias = Literal["0.21", "1.0", "2.0"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The language of 2.0, unless something else is said."""

    coalesce_precedence: int = 30
    """How tightly `??`, `???` and `isIn` bind: 30 since 2.0, 120 before."""
    is_recursive: bool = False
    """Render again until the text stops changing, and have no `render()`."""
    keeps_null_entries: bool = True
    """An entry of a rendered map whose template is a lone null becomes null; before 2.0 an empty text."""
    adds_numbers: bool = False
    """Numbers beside one another are added where a typed value is wanted, as in 0.21."""
    needs_keys: bool = True
    """`kv()` of a key that is not there is an error, unless the flow says otherwise; in 0.21 it was null."""
    has_long_uuids: bool = False
    """`uuid()` has 36 characters, as in 0.21."""

    @classmethod
    def of(cls, version: Version, *, is_recursive: bool = False) -> Self:
        is_first = version == "0.21"
        return cls(
            coalesce_precedence=30 if version == "2.0" else 120,
            is_recursive=is_recursive,
            keeps_null_entries=version == "2.0",
            adds_numbers=is_first,
            needs_keys=not is_first,
            has_long_uuids=is_first,
        )
