"""The door to executors of other processes: new executions and events are letters, answered by their owner's commit."""

from datetime import datetime
from typing import Any

from tiercel.engine.events import AnyEvent, Replay
from tiercel.engine.replays import NotReplayable
from tiercel.model.execution import Execution
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.journal import Batch
from tiercel.ports.mailbox import Envelope, NoAnswer, Postbox
from tiercel.ports.reader import Reader
from tiercel.services.creator import Creator, Made, Wish
from tiercel.services.executor import Creation
from tiercel.services.records import execution_row, label_rows, letter_row, read_execution
from tiercel.services.residents import NoSuchExecution, Told

FIRST_DECISION = 5.0
"""Seconds to wait for what the owner decides first; without an answer the execution is shown as it was created."""


class RemoteDoor:
    """See services.door."""

    def __init__(self, *, postbox: Postbox, creator: Creator, reader: Reader, clock: Clock, dice: Dice) -> None:
        self._postbox = postbox
        self._creator = creator
        self._reader = reader
        self._clock = clock
        self._dice = dice

    def moment(self) -> tuple[datetime, int]:
        return self._clock.now(), self._dice.roll()

    async def start(self, wish: Wish) -> Execution:
        made = await self._creator.make(wish)
        batch = self._batch(made)
        batch.messages.append(letter_row(made.execution.id, Envelope(made.created(*self.moment()))))
        await self._postbox.post(batch)
        return made.execution

    async def create(self, wish: Wish) -> Creation:
        made = await self._creator.make(wish)
        created = made.execution
        try:
            await self._postbox.begin(
                self._batch(made), created.id, made.created(*self.moment()), timeout=FIRST_DECISION
            )
        except NoAnswer:
            return Creation(created, created, made.unknown_inputs)
        return Creation(created, await self._read(created.id), made.unknown_inputs)

    async def tell(self, execution_id: str, event: AnyEvent) -> Told:
        answer = await self._postbox.ask(execution_id, event)
        return Told(await self._read(execution_id), answer.refused)

    async def replay(
        self,
        source: str,
        *,
        task_run: str | None = None,
        revision: int | None = None,
        inputs: dict[str, Any] | None = None,
        breakpoints: tuple[str, ...] = (),
        is_restart: bool = False,
    ) -> Told:
        """The new execution's owner reads the source and makes the copy."""
        identifier = self._creator.mint()
        event = Replay(*self.moment(), source, task_run, revision, inputs, breakpoints, is_restart)
        answer = await self._postbox.ask(identifier, event)
        if answer.refused is not None:
            raise NotReplayable(answer.refused)
        return Told(await self._read(identifier))

    def _batch(self, made: Made) -> Batch:
        place = made.deployed.stored.place
        return Batch(
            created=[execution_row(made.execution, place, marked=False)],
            labels=label_rows(made.execution, place.tenant),
        )

    async def _read(self, execution_id: str) -> Execution:
        found = (await self._reader.executions("main", [execution_id]))[:1]
        if not found:
            raise NoSuchExecution(execution_id)
        return read_execution(found[0].row)
