"""What task runs gave, by task and by the values of the loops around: persistent, and in the order of the task runs.

A map that is ordered by the hashes of its keys would print another text in each process, and a replay must print the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from immutables import Map

NOWHERE = -1
"""The place of a level without entries."""


class Leaf(NamedTuple):
    first: int
    """The `ord` of the task run."""
    value: Any


class Results(Mapping[str, Any]):
    """One level: a name gives what a task run gave, or the level below. Iterates by the earliest task run beneath."""

    __slots__ = ("_entries", "first")

    def __init__(self, entries: "Map[str, Leaf | Results] | None" = None, *, first: int = NOWHERE) -> None:
        self._entries: Map[str, Leaf | Results] = Map() if entries is None else entries
        self.first = first

    def __getitem__(self, name: str) -> Any:
        entry = self._entries[name]
        return entry.value if isinstance(entry, Leaf) else entry

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries, key=lambda name: (self._entries[name].first, name)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Results) and self._entries == other._entries

    __hash__ = None  # pyright: ignore[reportAssignmentType] – it holds dicts

    def placed(self, way: tuple[str, ...], value: Any, *, ord: int) -> "Results":
        """With what the task run `ord` gave at the end of a way of names; what was there is replaced."""
        name, *further = way
        below = self._below(name).placed(tuple(further), value, ord=ord) if further else Leaf(ord, value)
        entries = self._entries.set(name, below)
        is_earlier = self.first == NOWHERE or below.first < self.first
        return Results(entries, first=below.first if is_earlier else self._first_without(name, entries))

    def without(self, way: tuple[str, ...]) -> "Results":
        """Without all that is at the end of a way of names or beneath it."""
        name, *further = way
        if name not in self._entries:
            return self
        below = self._below(name).without(tuple(further)) if further else Results()
        entries = self._entries.set(name, below) if below else self._entries.delete(name)
        return Results(entries, first=self._first_without(name, entries))

    def known_as(self, aliases: Mapping[str, str]) -> "Results":
        """The same to one who calls some entries by other names, and means no others by them."""
        if not aliases:
            return self
        entries = self._entries
        for alias, name in aliases.items():
            if name in self._entries:
                entries = entries.set(alias, self._entries[name])
            elif alias in entries:
                entries = entries.delete(alias)
        return Results(entries, first=self.first)

    def _below(self, name: str) -> "Results":
        entry = self._entries.get(name)
        return entry if isinstance(entry, Results) else Results()

    def _first_without(self, name: str, entries: "Map[str, Leaf | Results]") -> int:
        """The place after the entry `name` has changed: all are looked at only where that one was the earliest."""
        before = self._entries.get(name)
        if before is None or before.first != self.first:
            return self.first
        return min((entry.first for entry in entries.values()), default=NOWHERE)
