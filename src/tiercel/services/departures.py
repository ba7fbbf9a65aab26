"""Who has something for the next commit, and who of them may go with it."""

import asyncio
from collections.abc import Callable

from tiercel.services.residents import Resident, part

PATIENCE = 0.02
"""Seconds that a commit waits for an answer of the world, or for the end of a job just begun, before it goes without."""


class Departures:
    """Works for the one desk that has it. `wake` is called when there may be something to commit."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.rows = 0
        """About how many rows wait."""
        self._waiting: dict[str, Resident] = {}
        self._is_hurrying = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __contains__(self, resident: Resident) -> bool:
        return resident.id in self._waiting

    def add(self, resident: Resident) -> None:
        """It has something to be stored."""
        self._waiting[resident.id] = resident

    def count(self, resident: Resident, rows: int) -> None:
        """Something of a resident will be so many rows of the next commit."""
        resident.outgoing.rows += rows
        self.rows += rows

    def hold(self, resident: Resident) -> None:
        """Let the commit of a resident wait a little, unless others are committed with it."""
        if resident.held is None:
            resident.held = asyncio.get_running_loop().call_later(PATIENCE, self._let_go, resident)

    def release(self, resident: Resident) -> None:
        """Let it go at once when what its commit was held back for has come."""
        if resident.held is not None and not (resident.asked or resident.underway or resident.jobs):
            resident.held.cancel()
            resident.held = None

    def _let_go(self, resident: Resident) -> None:
        resident.held = None
        self.wake()

    def take(self, *, alone: bool = False) -> list[Resident]:
        """Those whose changes may be committed now; `alone`: one of them, with all it is grouped with.

        Whatever is decided from now on belongs to the next commit.
        """
        complete: dict[int, bool] = {}
        taken = [resident for resident in self._waiting.values() if self._may_go(resident, complete)]
        if alone and taken:
            taken = self._one_of(taken)
        for resident in taken:
            del self._waiting[resident.id]
            self.rows -= resident.outgoing.rows
            part(resident)
            if resident.held is not None:
                resident.held.cancel()
                resident.held = None
        return taken

    def _one_of(self, ready: list[Resident]) -> list[Resident]:
        first = ready[0]
        members = [first] if first.group is None else first.group.members
        chosen = [member for member in members if member in self]
        if len(chosen) < len(ready):
            self.wake()
        return chosen

    def _may_go(self, resident: Resident, complete: dict[int, bool]) -> bool:
        """`complete` remembers what was found of a group: it may be large, and all its members ask."""
        group = resident.group
        if group is not None:
            known = complete.get(id(group))
            if known is None:
                known = complete[id(group)] = group.is_complete
            return known
        return resident.held is None or self._is_hurrying

    def hurry(self) -> None:
        """From now on nothing is held back: the executor stops."""
        self._is_hurrying = True

    def clear(self) -> None:
        """Memory can no longer be trusted."""
        self._waiting.clear()
        self.rows = 0
