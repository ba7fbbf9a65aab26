"""Letters: in order, once each, with answers; and what a process without shards may write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.adapters.postgres.samples import NOW, a_journal, an_execution, an_id, until, value

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.mailbox import PostgresMailbox, PostgresPostbox, message
from tiercel.engine.events import Created, Kill, Pause
from tiercel.ports.journal import Batch, LabelRow
from tiercel.ports.mailbox import Envelope, Letter, NoAnswer

KILL = Kill(at=NOW, seed=2**127 + 1)


class Office:
    """Both ends of the mail: an owner's mailbox and another process's postbox."""

    def __init__(self, journal: PostgresJournal, mailbox: PostgresMailbox, postbox: PostgresPostbox) -> None:
        self.journal, self.mailbox, self.postbox = journal, mailbox, postbox
        self.letters = mailbox.letters()

    async def next(self) -> list[Letter]:
        return await asyncio.wait_for(anext(self.letters), 5)

    async def handle(self, *letters: Letter) -> None:
        notices = [letter.reply.notice() for letter in letters if letter.reply]
        await self.journal.commit(Batch(messages_handled=[letter.id for letter in letters], notices=notices))
        self.mailbox.handled(letter.id for letter in letters)


@asynccontextmanager
async def an_office(dsn: str) -> AsyncIterator[Office]:
    async with a_journal(dsn) as journal, Listener(dsn) as listener, pool(dsn, size=3) as connections:
        mailbox = PostgresMailbox(dsn, listener, epoch=lambda: journal.epoch)
        office = Office(journal, mailbox, PostgresPostbox(connections, listener))
        try:
            yield office
        finally:
            await office.letters.aclose()


async def test_letters_come_in_the_order_in_which_they_were_written(dsn: str) -> None:
    async with an_office(dsn) as office:
        for number in range(5):
            await office.postbox.tell(an_id(number), KILL)
        letters = await office.next()
        assert [letter.execution_id for letter in letters] == [an_id(number) for number in range(5)]
        assert {letter.event for letter in letters} == {KILL}


async def test_a_letter_wakes_its_owner(dsn: str) -> None:
    async with an_office(dsn) as office:
        reading = asyncio.create_task(office.next())
        question = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tiercel mailbox' "
            "AND datname = current_database() AND query LIKE '%FROM messages%'"
        )

        async def has_read() -> bool:
            # It has found nothing, and listens.
            return await value(dsn, question) > 0

        await until(has_read)
        await office.postbox.tell(an_id(1), KILL)
        assert len(await reading) == 1


async def test_a_letter_comes_once_and_is_gone_with_the_commit_that_handled_it(dsn: str) -> None:
    async with an_office(dsn) as office:
        await office.postbox.tell(an_id(1), KILL)
        [first] = await office.next()
        await office.postbox.tell(an_id(2), KILL)
        [second] = await office.next()
        await office.handle(first, second)
        await office.postbox.tell(an_id(3), KILL)
        assert [letter.execution_id for letter in await office.next()] == [an_id(3)]
        assert await value(dsn, "SELECT count(*) FROM messages") == 1


async def test_a_backlog_comes_in_pieces_and_never_more_than_are_allowed_out(dsn: str) -> None:
    rows = [message(an_id(number), Envelope(KILL)) for number in range(2600)]
    async with an_office(dsn) as office:
        await office.postbox.post(Batch(messages=rows))
        out = [letter for _ in range(4) for letter in await office.next()]
        assert len(out) == 2000
        await office.handle(*out[:300])
        more = await office.next()
        assert [letter.execution_id for letter in more] == [an_id(number) for number in range(2000, 2300)]


async def test_everything_comes_again_after_the_owner_registered_anew(dsn: str) -> None:
    async with an_office(dsn) as office:
        await office.postbox.tell(an_id(1), KILL)
        [before] = await office.next()
        await office.journal.register()
        [again] = await office.next()
        assert again.id == before.id


async def test_the_owner_answers_with_its_commit(dsn: str) -> None:
    async with an_office(dsn) as office:
        asking = asyncio.create_task(office.postbox.ask(an_id(1), KILL))
        [letter] = await office.next()
        assert not asking.done()
        await office.handle(letter)
        assert (await asking).refused is None


async def test_a_refusal_says_why(dsn: str) -> None:
    async with an_office(dsn) as office:
        asking = asyncio.create_task(office.postbox.ask(an_id(1), Pause(at=NOW, seed=1)))
        [letter] = await office.next()
        assert letter.reply is not None
        await office.journal.commit(Batch(notices=[letter.reply.notice("it is over: " + "x" * 9000)]))
        refused = (await asking).refused
        assert refused is not None
        assert refused.startswith("it is over")


async def test_two_questions_get_their_own_answers(dsn: str) -> None:
    async with an_office(dsn) as office:
        first = asyncio.create_task(office.postbox.ask(an_id(1), KILL))
        [one] = await office.next()
        second = asyncio.create_task(office.postbox.ask(an_id(2), KILL))
        [two] = await office.next()
        await office.handle(two)
        await second
        assert not first.done()
        await office.handle(one)
        await first


async def test_silence_is_told_and_the_letter_stays(dsn: str) -> None:
    async with Listener(dsn) as listener, pool(dsn, size=2) as connections:
        with pytest.raises(NoAnswer, match="is one running"):
            await PostgresPostbox(connections, listener).ask(an_id(1), KILL, timeout=0.05)
    assert await value(dsn, "SELECT count(*) FROM messages") == 1


async def test_a_new_execution_is_there_with_its_letter_when_it_was_posted(dsn: str) -> None:
    execution = an_execution(labels=["a:b"])
    batch = Batch(
        created=[execution],
        labels=[LabelRow(7, execution.id)],
        messages=[message(execution.id, Envelope(Created(at=NOW, seed=1)))],
    )
    async with an_office(dsn) as office:
        await office.postbox.post(batch)
        [letter] = await office.next()
        assert letter.event == Created(at=NOW, seed=1)
        assert [loaded.execution for loaded in await office.journal.load([letter.execution_id])] == [execution]


async def test_an_execution_that_another_made_from_the_same_cause_is_left_alone(dsn: str) -> None:
    execution = an_execution()
    batch = Batch(created=[execution], labels=[LabelRow(7, execution.id)])
    async with an_office(dsn) as office:
        await office.postbox.post(batch)
        await office.postbox.post(Batch(created=[execution._replace(given=b"other")], labels=batch.labels))
    assert await value(dsn, "SELECT given FROM executions") == execution.given
    assert await value(dsn, "SELECT count(*) FROM execution_labels") == 1


async def test_a_mailbox_mends_its_connection(dsn: str) -> None:
    async with an_office(dsn) as office:
        await office.postbox.tell(an_id(1), KILL)
        [letter] = await office.next()
        await office.handle(letter)
        await value(dsn, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                         "WHERE application_name IN ('tiercel mailbox', 'tiercel listener') AND datname = current_database()")  # fmt: skip
        await office.postbox.tell(an_id(2), KILL)
        assert [letter.execution_id for letter in await office.next()] == [an_id(2)]
