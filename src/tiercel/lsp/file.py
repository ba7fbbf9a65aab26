"""The text of an open file, as the flows it holds: one after the other, divided by `---`."""

import re
from functools import cached_property

from tiercel.definition.editing import Sketch
from tiercel.model.flow import Flow

_DIVIDER = re.compile(r"---(\s|$)")
_NAMES = frozenset(field.alias or name for name, field in Flow.model_fields.items()) | {"taskDefaults"}
_TELLING = frozenset({"id", "namespace", "tasks"})


class Part:
    """The text of one document of a file."""

    def __init__(self, first_line: int, text: str) -> None:
        self.first_line = first_line
        """Of the file, from 0."""
        self.text = text

    @cached_property
    def sketch(self) -> Sketch:
        return Sketch(self.text)

    @cached_property
    def names(self) -> frozenset[str]:
        """Those on the outermost level."""
        return frozenset(str(each.name) for each in self.sketch.root.children if not each.is_loose)

    @property
    def is_flow(self) -> bool:
        """Two of what each flow has are enough: other kinds of YAML have at most one."""
        return len(self.names & _TELLING) > 1

    @property
    def may_be_flow(self) -> bool:
        """Everything in it could stand in a flow: so could a file that has just been begun."""
        return self.is_flow or self.names <= _NAMES


class File:
    """All parts of a file."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.parts = [Part(first, "\n".join(self.lines[first:last])) for first, last in self._bounds()]

    def part_at(self, line: int) -> Part:
        """The part that a line belongs to."""
        return next(part for part in reversed(self.parts) if part.first_line <= max(line, 0))

    def _bounds(self) -> list[tuple[int, int]]:
        starts = [0, *(number + 1 for number, line in enumerate(self.lines) if _DIVIDER.match(line))]
        ends = [*(start - 1 for start in starts[1:]), len(self.lines)]
        return list(zip(starts, ends, strict=True))
