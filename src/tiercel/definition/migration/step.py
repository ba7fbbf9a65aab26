"""One thing that a later version writes differently, and the edits that write it so, where that is certain."""

from collections.abc import Callable, Iterator

import msgspec

from tiercel.definition.edits import Edit
from tiercel.definition.migration.draft import Draft

Resolve = Callable[[str], str | None]
"""The full current name of a type, given any name of it; None where unknown."""


class Step(msgspec.Struct, frozen=True):
    line: int
    message: str
    """What is changed; or, without edits, what must be changed by hand, and why."""
    edits: tuple[Edit, ...] = ()


Rule = Callable[[Draft, Resolve], Iterator[Step]]
