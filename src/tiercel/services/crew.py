"""Those who work for one executor, each built with the others that it needs."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from tiercel.model.sealed import Cipher
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.journal import Journal
from tiercel.services.announcer import Announcer
from tiercel.services.carrier import Carrier
from tiercel.services.creator import Creator
from tiercel.services.desk import Desk, Fail
from tiercel.services.evaluator import Evaluator
from tiercel.services.ignoring import Ignoring
from tiercel.services.listeners import Listeners
from tiercel.services.loader import Loader
from tiercel.services.misses import Misses
from tiercel.services.registry import Registry
from tiercel.services.replayer import Replayer
from tiercel.services.residents import Due
from tiercel.services.run_task import TaskRunner
from tiercel.services.suspects import Suspects
from tiercel.services.timekeeper import DueTimers, Timekeeper


class Crew:
    """The desk, and beside it who sets timers, who gives slots and who looks for events that did not come."""

    def __init__(
        self,
        *,
        journal: Journal,
        registry: Registry,
        creator: Creator,
        runner: TaskRunner,
        evaluator: Evaluator,
        clock: Clock,
        dice: Dice,
        cipher: Cipher | None,
        ignoring: Ignoring,
        due_timers: DueTimers,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        wake: Callable[[], None],
        fail: Fail,
    ) -> None:
        self.suspects = Suspects()
        self.timekeeper = Timekeeper(clock=clock, due=due_timers, fire=self._fire)
        listeners, loader = Listeners(registry), Loader(journal, registry, clock, self.suspects, ignoring)
        carrier = Carrier(
            creator=creator,
            registry=registry,
            runner=runner,
            evaluator=evaluator,
            journal=journal,
            clock=clock,
            dice=dice,
            spawn=spawn,
            set_timer=self.timekeeper.set,
            cipher=cipher,
        )
        announcer = Announcer(
            listeners=listeners,
            creator=creator,
            evaluator=evaluator,
            journal=journal,
            clock=clock,
            dice=dice,
            spawn=spawn,
        )
        self.slots = carrier.slots
        self.misses = Misses(
            listeners=listeners, window=announcer.window, creator=creator, journal=journal, clock=clock, dice=dice
        )
        self.desk = Desk(
            loader=loader,
            carrier=carrier,
            replayer=Replayer(loader, registry),
            announcer=announcer,
            clock=clock,
            dice=dice,
            spawn=spawn,
            wake=wake,
            fail=fail,
            suspects=self.suspects,
            ignoring=ignoring,
        )

    def _fire(self, execution_id: str, name: str, due: datetime) -> None:
        self.desk.fire(execution_id, Due(name, due))
