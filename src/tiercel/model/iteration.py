"""Iterations of a Loop: what one of them is told about itself, and what the Loop counts of all of them."""

from datetime import datetime
from typing import Any

import msgspec

from tiercel.model.states import State


class _Record(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    pass


class Item(_Record, frozen=True):
    """What an iteration is for: `item` in expressions."""

    index: int
    value: str
    key: str | None = None
    """Where the values are those of a map."""


class Root(_Record, frozen=True):
    """The execution that all loops around an iteration belong to: `execution` in expressions."""

    id: str
    started: datetime
    original_id: str
    kind: str


class Iteration(_Record, frozen=True):
    """Where an execution of kind LOOP belongs. The execution above it is its `parent_id`."""

    root: Root
    task_id: str
    task_run_id: str
    item: Item
    parents: tuple[Item, ...] = ()
    """The items of the loops around, outermost first."""
    stores: bool = False
    """Its outputs go to a file, and the loop hands on where that is."""


class Judged(_Record, frozen=True):
    """An iteration that ended and that `breakWhen` is still to look at."""

    item: Item
    execution_id: str
    state: State
    outputs: dict[str, Any] | None = None


class Page(_Record, frozen=True):
    """Values of a file, a page at a time."""

    uri: str
    first: int = 0
    """The index of the first value of this page."""
    values: tuple[str, ...] = ()
    further: int | None = 0
    """Where in the file the next page begins; None where this is the last one."""

    @property
    def last(self) -> int:
        """The index after the last value of this page."""
        return self.first + len(self.values)


class Laps(_Record, frozen=True):
    """The counters of a Loop. No more than its window of iterations is ever open, so all of this stays small."""

    running: tuple[int, ...] = ()
    """The iterations under way, by index."""
    paused: tuple[int, ...] = ()
    """Those of them that are paused."""
    stopping: tuple[int, ...] = ()
    """Those of them that were still being stopped when a restart found them: they run again once they are over."""
    taken_up: dict[int, int] = {}
    """ForEachItem: those of them that an earlier attempt has started, and which one."""
    ended: dict[State, int] = {}
    is_stopped: bool = False
    """`breakWhen` held: no further iteration is started."""
    judged: tuple[Judged, ...] = ()
    page: Page | None = None
    is_recounted: bool = True
    """False after a restart: which iterations there are has to be looked up first."""
