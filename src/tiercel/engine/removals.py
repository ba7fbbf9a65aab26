"""Taking task runs away again, rows and all: those of errors and finally before a retry, those of an iteration before
the next one.
"""

from collections.abc import Iterable

from immutables import Map

from tiercel.engine.interrupts import call_off, kill_children
from tiercel.engine.turn import Turn


def take_away(turn: Turn, roots: Iterable[int]) -> None:
    """Remove these task runs and everything below them; their scope's counters are the caller's."""
    meant = set(roots)
    if not meant:
        return
    open_runs = [
        other
        for root in sorted(meant, reverse=True)
        for other in (*turn.below(root), turn.runs.get(root))
        if other is not None
    ]
    call_off(turn, open_runs)
    kill_children(turn, open_runs, reason="what waits for it begins again")
    gone = set(meant)
    # Parents come before their children in creation order, so one pass finds everything below.
    for ord, changed in sorted(turn.changed_runs.items()):
        if ord in gone or changed.parent in gone:
            gone.add(ord)
    for other in open_runs:
        turn.drop(other)
    for ord in gone.intersection(turn.changed_runs):
        turn.changed_runs = turn.changed_runs.delete(ord)
    turn.changed_scopes = Map((ord, None) for ord in turn.changed_scopes if ord not in gone)
    turn.removed |= {ord for ord in meant if ord < turn.execution.changes.first_new}
