"""A pipe is read to its end, and not longer than its command lives."""

import asyncio
import os

import pytest

from tiercel_scripts.runner.pipe import Pipe, Reader


async def nothing() -> None:
    """A log that takes everything."""


async def test_it_is_read_to_its_end() -> None:
    seen: list[str] = []
    pipe = Pipe(Reader(seen.append, nothing))
    os.write(pipe.writing, b"a\nb\nc")
    pipe.given()
    await pipe.read()
    pipe.close()
    assert seen == ["a", "b", "c"]


async def test_what_is_in_it_is_read_when_the_command_is_over() -> None:
    seen: list[str] = []
    pipe = Pipe(Reader(seen.append, nothing))
    reading = asyncio.create_task(pipe.read())
    await asyncio.sleep(0)
    os.write(pipe.writing, b"a\nb")
    pipe.over()
    await reading
    assert seen == ["a", "b"]
    pipe.given()
    pipe.close()


async def test_others_have_their_turn_while_one_writes() -> None:
    turns: list[str] = []
    pipe = Pipe(Reader(lambda _: turns.append("line"), nothing))
    os.write(pipe.writing, b"x\n" * 10_000)

    async def refill() -> None:
        for _ in range(3):
            turns.append("other")
            os.write(pipe.writing, b"x\n" * 10_000)
            await asyncio.sleep(0)
        pipe.given()

    await asyncio.gather(pipe.read(), refill())
    pipe.close()
    assert turns.count("line") == 40_000
    assert [turn for turn, before in zip(turns[1:], turns, strict=False) if turn != before].count("other") >= 2


async def test_a_full_log_holds_the_pipe_up() -> None:
    room, seen = asyncio.Event(), list[str]()

    async def full() -> None:
        await room.wait()

    pipe = Pipe(Reader(seen.append, full))
    os.write(pipe.writing, b"a\n")
    reading = asyncio.create_task(pipe.read())
    await asyncio.sleep(0)
    os.write(pipe.writing, b"b\n")
    pipe.given()
    for _ in range(10):
        await asyncio.sleep(0)
    assert seen == ["a"]
    room.set()
    await reading
    pipe.close()
    assert seen == ["a", "b"]


async def test_a_line_that_cannot_be_taken_ends_the_reading() -> None:
    def refuse(line: str) -> None:
        raise ValueError(line)

    pipe = Pipe(Reader(refuse, nothing))
    os.write(pipe.writing, b"a\n")
    pipe.given()
    with pytest.raises(ValueError, match="a"):
        await pipe.read()
    pipe.close()
