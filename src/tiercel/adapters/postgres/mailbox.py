"""Letters between processes as rows: read by the owner in order, once each; written by others in one statement."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable
from itertools import count

import asyncpg
import msgspec

from tiercel.adapters.postgres import rows as to
from tiercel.adapters.postgres.commit import posted
from tiercel.adapters.postgres.connection import LOST, ROWS_BY_KEY, Connection, Pool, connect
from tiercel.adapters.postgres.listener import Hint, Listener
from tiercel.adapters.postgres.parts import Part
from tiercel.adapters.postgres.sql import query
from tiercel.engine.events import AnyEvent
from tiercel.model.ids import shard_of
from tiercel.ports.journal import Batch, MessageRow
from tiercel.ports.mailbox import Answer, Envelope, Letter, NoAnswer, Reply

_MOST_OUT = 2000
_MOST_AT_ONCE = 500
_LONGEST_WAIT = 5.0
_EVENT = 0
"""The kind of a message that is an event of the engine; there is no other yet."""
_envelope = msgspec.json.Decoder(Envelope)
_answer = msgspec.json.Decoder(Answer)


class PostgresMailbox:
    """What others wrote to the executions of this process. `epoch` tells under which it is registered, 0 for none.

    When the process registered anew, everything that is still there comes once more.
    """

    def __init__(self, dsn: str, listener: Listener, *, epoch: Callable[[], int]) -> None:
        self._dsn, self._listener, self._epoch = dsn, listener, epoch
        self._out: set[int] = set()
        self._gone: set[int] = set()

    async def letters(self) -> AsyncGenerator[list[Letter]]:
        wait = 0.0
        while True:
            try:
                async for letters in self._letters(self._epoch()):
                    wait = 0.0
                    yield letters
            except LOST:
                wait = min(wait * 2 + 0.1, _LONGEST_WAIT)
                await asyncio.sleep(wait)

    async def _letters(self, epoch: int) -> AsyncGenerator[list[Letter]]:
        """Those of one epoch, until there is another."""
        self._out, self._gone = set(), set()
        connection = await connect(self._dsn, purpose="mailbox", settings=ROWS_BY_KEY)
        try:
            async with Hint(self._listener, f"mail_{epoch}") as hint:
                while self._epoch() == epoch:
                    letters = await self._read(connection) if epoch else []
                    if letters:
                        yield letters
                    if len(letters) < _MOST_AT_ONCE:
                        await hint.wait()
        finally:
            connection.terminate()

    def handled(self, ids: Iterable[int]) -> None:
        # They stay excluded until a read begins: one that is under way has an older snapshot and would bring them again.
        self._gone.update(ids)

    async def _read(self, connection: Connection) -> list[Letter]:
        self._out -= self._gone
        self._gone.clear()
        room = min(_MOST_AT_ONCE, _MOST_OUT - len(self._out))
        records = await connection.fetch(query("mailbox/letters"), list(self._out), room) if room > 0 else []
        self._out.update(record["id"] for record in records)
        return [_letter(record) for record in records]


class PostgresPostbox:
    """How a process without shards writes to executions, and hears their owners' answers."""

    def __init__(self, pool: Pool, listener: Listener) -> None:
        self._pool, self._listener = pool, listener
        self._channel = f"reply_{secrets.token_hex(8)}"
        self._questions = count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}

    async def post(self, batch: Batch) -> None:
        await _write(self._pool, batch)

    async def tell(self, execution_id: str, event: AnyEvent) -> None:
        await _write(self._pool, Batch(messages=[message(execution_id, Envelope(event))]))

    async def begin(self, batch: Batch, execution_id: str, event: AnyEvent, *, timeout: float) -> Answer:
        return await self._answered(batch, execution_id, event, timeout=timeout)

    async def ask(self, execution_id: str, event: AnyEvent, *, timeout: float = 30) -> Answer:
        return await self._answered(Batch(), execution_id, event, timeout=timeout)

    async def _answered(self, batch: Batch, execution_id: str, event: AnyEvent, *, timeout: float) -> Answer:
        """Write a batch with an event in it, and wait for the answer."""
        await self._listener.hear(self._channel, self._hear)
        question = next(self._questions)
        answer = self._waiting[question] = asyncio.get_running_loop().create_future()
        try:
            batch.messages.append(message(execution_id, Envelope(event, Reply(self._channel, question))))
            await _write(self._pool, batch)
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError:
            raise NoAnswer(execution_id, timeout) from None
        finally:
            del self._waiting[question]

    def _hear(self, payload: str | None) -> None:
        if payload is None:
            return
        answer = _answer.decode(payload)
        waiting = self._waiting.get(answer.question)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


def message(execution_id: str, envelope: Envelope) -> MessageRow:
    """An event as a row."""
    return MessageRow(shard_of(execution_id), _EVENT, execution_id, msgspec.json.encode(envelope))


async def _write(pool: Pool, batch: Batch) -> None:
    parts: list[Part] = []
    if batch.created:
        parts.append(Part("post/executions_created", to.execution_columns(batch.created)))
    if batch.labels:
        parts.append(Part("post/labels", to.columns(batch.labels)))
    if batch.messages:
        parts.append(Part("commit/messages", to.columns(batch.messages)))
    if parts:
        arguments = [argument for part in parts for argument in part.arguments]
        await pool.fetchval(posted(tuple(part.key for part in parts)), *arguments)


def _letter(record: asyncpg.Record) -> Letter:
    envelope = _envelope.decode(record["body"])
    return Letter(record["id"], record["target"], envelope.event, envelope.reply)
