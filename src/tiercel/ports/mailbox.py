"""Letters between processes: a webserver or worker writes to the executions of an executor that runs elsewhere.

Residents of one process talk in memory; nothing here is used for that. A letter is a row, and is gone in the very commit
that stores what it led to.
"""

from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple, Protocol

import msgspec

from tiercel.engine.events import AnyEvent
from tiercel.model.errors import TiercelError
from tiercel.ports.journal import Batch


class NoAnswer(TiercelError):
    """The owner of an execution said nothing in time. The letter stays and will be handled."""

    def __init__(self, execution_id: str, seconds: float) -> None:
        super().__init__(f"no executor answered for execution {execution_id} within {seconds:g} s; is one running?")
        self.execution_id = execution_id


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the owner's answer goes: a channel that the asking process listens to, and the number of its question."""

    channel: str
    question: int

    def notice(self, refused: str | None = None) -> tuple[str, str]:
        """The entry for `Batch.notices`: told with the commit that handled the letter. `refused` says why it was not."""
        answer = Answer(self.question, None if refused is None else refused[:2000])
        return self.channel, msgspec.json.encode(answer).decode()


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the owner said: None for done, otherwise why the event changed nothing."""

    question: int
    refused: str | None = None


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a message row."""

    event: AnyEvent
    reply: Reply | None = None


class Letter(NamedTuple):
    """A message that waits for its owner."""

    id: int
    execution_id: str
    event: AnyEvent
    reply: Reply | None


class Mailbox(Protocol):
    """The owner's side: what others wrote."""

    def letters(self) -> AsyncIterator[list[Letter]]:
        """Letters in the order in which they were written, a few hundred at once, as they arrive.

        Each comes once, until the process registers anew. At most 2,000 are out; the rest waits in its table.
        """
        ...

    def handled(self, ids: Iterable[int]) -> None:
        """These were deleted by a commit that is durable now: there is room for others."""
        ...


class Postbox(Protocol):
    """The side of a process without shards: a webserver, a scheduler, a worker."""

    async def post(self, batch: Batch) -> None:
        """Store new executions with their labels and messages to their owners, all or nothing, and wake the owners."""
        ...

    async def tell(self, execution_id: str, event: AnyEvent) -> None:
        """Write one event to an execution. Durable when it returns."""
        ...

    async def begin(self, batch: Batch, execution_id: str, event: AnyEvent, *, timeout: float) -> Answer:
        """Store a new execution with its first event, and wait until its owner's commit answers.

        Raises NoAnswer: it is stored all the same.
        """
        ...

    async def ask(self, execution_id: str, event: AnyEvent, *, timeout: float = 30) -> Answer:
        """Write one event and wait until its owner's commit answers. Raises NoAnswer."""
        ...
