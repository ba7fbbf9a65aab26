"""Followers get lines and frames; a slow one loses none of the changed task runs and never the end."""

from datetime import UTC, datetime

from msgspec.structs import replace
from tests.services.test_records import a_run, an_execution

from tiercel.model.execution import Execution
from tiercel.model.log import LogEntry
from tiercel.services.broadcaster import KEPT_FRAMES, Broadcaster, Frame

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


def a_line(message: str, execution: Execution) -> LogEntry:
    return LogEntry("company.team", "flow", NOW, "INFO", message, execution_id=execution.id)


async def test_a_follower_sees_lines_before_the_frame_and_stops_with_the_last() -> None:
    broadcaster, execution = Broadcaster(), an_execution()
    with broadcaster.follow(execution.id) as follower:
        broadcaster.tell([a_line("hello", execution)])
        broadcaster.show(Frame(execution, ()))
        broadcaster.show(Frame(replace(execution, live=False), ()))
        seen = [piece async for piece in follower.news()]
    assert [type(piece).__name__ for piece in seen] == ["LogEntry", "Frame", "Frame"]


async def test_nothing_of_others_is_shown() -> None:
    broadcaster, execution = Broadcaster(), an_execution()
    with broadcaster.follow(execution.id) as follower:
        other = an_execution(id="0Vc1cSFX1DR5iAYDUFajKH")
        broadcaster.tell([a_line("hello", other)])
        broadcaster.show(Frame(replace(other, live=False), ()))
        broadcaster.show(Frame(replace(execution, live=False), ()))
        assert [piece async for piece in follower.news()] == [Frame(replace(execution, live=False), ())]


async def test_a_listener_hears_the_lines_of_all() -> None:
    broadcaster, execution, other = Broadcaster(), an_execution(), an_execution(id="0Vc1cSFX1DR5iAYDUFajKH")
    with broadcaster.follow(execution.id) as follower, broadcaster.listen(follower):
        broadcaster.tell([a_line("mine", execution), a_line("another's", other)])
        broadcaster.show(Frame(replace(other, live=False), ()))
        broadcaster.show(Frame(replace(execution, live=False), ()))
        seen = [piece async for piece in follower.news()]
    assert [piece.message for piece in seen if isinstance(piece, LogEntry)] == ["mine", "another's"]
    assert [piece.execution.id for piece in seen if isinstance(piece, Frame)] == [execution.id]


async def test_who_left_is_forgotten() -> None:
    broadcaster = Broadcaster()
    with broadcaster.follow("a"), broadcaster.follow("a"):
        assert broadcaster.is_followed("a")
    assert not broadcaster.is_followed("a")
    assert broadcaster.followed == ()


async def test_a_slow_follower_gets_every_changed_run_and_the_end() -> None:
    broadcaster, execution = Broadcaster(), an_execution()
    with broadcaster.follow(execution.id) as follower:
        for ord in range(2 * KEPT_FRAMES):
            broadcaster.show(Frame(execution, (a_run(ord=ord),)))
        broadcaster.show(Frame(replace(execution, live=False), ()))
        frames = [piece async for piece in follower.news() if isinstance(piece, Frame)]
    assert len(frames) <= KEPT_FRAMES
    assert {run.ord for frame in frames for run in frame.runs} == set(range(2 * KEPT_FRAMES))
    assert frames[-1].is_last
