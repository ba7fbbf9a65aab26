"""The limits of concurrency in a world of tests: who holds a slot, and who is let through next."""

from typing import TYPE_CHECKING

from tiercel.engine import events as engine_events
from tiercel.engine.limits import Claim, Counted, Enqueued, Freed, Granted, LimitEvent, Refused, Slots, admit
from tiercel.model.bounds import LimitKey
from tiercel.model.execution import Execution, Kind
from tiercel.model.states import BEFORE_SLOT, State

if TYPE_CHECKING:
    from tests.engine.world import Simulation


class Gate:
    """Nothing of the slots is stored: after a crash they are counted from the executions."""

    def __init__(self, world: "Simulation") -> None:
        self._world = world
        self.slots = Slots()

    def acquire(self, execution: Execution, *, is_forced: bool = False) -> None:
        self._ask(_claim_of(execution, is_forced=is_forced))

    def release(self, execution: Execution) -> None:
        self._ask(Freed(execution.id, execution.life, tuple(bound.limit for bound in execution.bounds)))

    def _ask(self, event: LimitEvent) -> None:
        """What limits answer reaches executions before anything else does."""
        before = self.slots
        self.slots, verdicts = admit(self.slots, event)
        is_forced = isinstance(event, Claim) and event.is_forced
        for key, limit in self.slots.items():
            known = len(before[key].held) if key in before else 0
            assert is_forced or len(limit.held) <= max(limit.size, known), f"{key} is overrun"
        about = {"at": self._world.now, "seed": self._world.seed()}
        for verdict in verdicts:
            match verdict:
                case Granted(execution_id):
                    self._world.tell(execution_id, engine_events.Admitted(**about))
                case Enqueued(execution_id):
                    self._world.tell(execution_id, engine_events.Queued(**about))
                case Refused(execution_id, _, state):
                    self._world.tell(execution_id, engine_events.Rejected(**about, state=state))

    def count(self) -> None:
        """Who lives and has begun holds its slots; who was in line is in line again."""
        living = [one for one in self._world.executions.values() if one.live and one.kind is not Kind.LOOP]
        held: dict[LimitKey, dict[str, int]] = {}
        for one in living:
            if one.state.current not in BEFORE_SLOT:
                for bound in one.bounds:
                    held.setdefault(bound.limit, {})[one.id] = one.life
        self.slots, _ = admit(Slots(), Counted(held))
        queued = [one for one in living if one.state.current is State.QUEUED]
        for one in sorted(queued, key=lambda one: (one.state.histories[-1].date, one.id)):
            self.acquire(one)


def _claim_of(execution: Execution, *, is_forced: bool = False) -> Claim:
    since = execution.state.histories[-1].date
    return Claim(execution.id, execution.life, since, execution.bounds, is_forced)
