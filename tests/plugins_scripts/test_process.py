"""Processes end with their task: by kill, by timeout, when the command is over. Nothing that they wrote is lost."""

import asyncio
import os
import time
from pathlib import Path

import pytest
from tests.plugins_scripts.scripts import SHELL, Shop, a_shop

from tiercel.model.states import State
from tiercel.sdk.processes import MARKER


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


async def pids(shop: Shop) -> list[int]:
    return [int(message.split()[1]) for _, message in await shop.lines() if message.startswith("pid ")]


async def test_a_kill_ends_the_whole_group_and_keeps_what_was_made(shop: Shop) -> None:
    attempt = shop.begin(
        SHELL,
        script="""echo '::{"outputs":{"n":1}}::'; echo half > $OUTPUT_DIR/half
            sleep 600 & echo pid $!; echo pid $$; echo ready; wait""",
    )
    running = asyncio.create_task(attempt.outcome())
    await shop.until("ready")
    attempt.kill()
    outcome = await running
    assert outcome.state is State.KILLED
    assert await shop.files(outcome) == {"half": "half\n"}
    assert outcome.outputs is not None
    assert (outcome.outputs["vars"], outcome.outputs["exitCode"]) == ({"n": 1}, 143)
    assert [is_alive(pid) for pid in await pids(shop)] == [False, False]


async def test_a_killed_script_may_clean_up(shop: Shop) -> None:
    attempt = shop.begin(
        SHELL, script="""trap 'echo cleaned > $OUTPUT_DIR/c; exit 0' TERM; echo ready; while :; do sleep 0.05; done"""
    )
    running = asyncio.create_task(attempt.outcome())
    await shop.until("ready")
    attempt.kill()
    outcome = await running
    assert (outcome.state, await shop.files(outcome)) == (State.KILLED, {"c": "cleaned\n"})


async def test_a_child_may_clean_up_when_its_shell_is_gone(shop: Shop) -> None:
    """TERM reaches all of the group; the grace is for all of it."""
    child = "trap 'sleep 0.3; echo cleaned > $OUTPUT_DIR/c; exit' TERM; echo ready; while :; do sleep 0.05; done"
    attempt = shop.begin(SHELL, inputFiles={"child.sh": child}, script="sh child.sh; true")
    running = asyncio.create_task(attempt.outcome())
    await shop.until("ready")
    attempt.kill()
    assert await shop.files(await running) == {"c": "cleaned\n"}


async def test_who_does_not_hear_is_ended_after_the_grace(tmp_path: Path) -> None:
    async with a_shop(tmp_path, kill_grace=0.2) as shop:
        attempt = shop.begin(SHELL, script="trap '' TERM; echo pid $$; echo ready; while :; do sleep 0.05; done")
        running = asyncio.create_task(attempt.outcome())
        await shop.until("ready")
        attempt.kill()
        outcome = await running
        assert (outcome.state, (outcome.outputs or {})["exitCode"]) == (State.KILLED, 137)
        assert not is_alive((await pids(shop))[0])


async def test_who_left_the_group_is_ended_too(shop: Shop) -> None:
    attempt = shop.begin(
        SHELL,
        inputFiles={"d.sh": "echo pid $$; exec > /dev/null 2>&1; sleep 600"},
        script="setsid sh d.sh & sleep 0.2; echo ready; wait",
    )
    running = asyncio.create_task(attempt.outcome())
    await shop.until("ready")
    attempt.kill()
    await running
    assert [is_alive(pid) for pid in await pids(shop)] == [False]


async def test_a_timeout_fails_with_its_limit_and_keeps_what_was_made(shop: Shop) -> None:
    outcome = await shop.run(SHELL, script="echo half > $OUTPUT_DIR/half; echo on; sleep 600", timeout=0.5)
    assert (outcome.state, outcome.error) == (State.FAILED, "Timeout after PT0.5S: the task took longer than it may")
    assert await shop.files(outcome) == {"half": "half\n"}
    assert ("INFO", "on") in await shop.lines()


async def test_a_background_child_does_not_hold_the_task(shop: Shop) -> None:
    started = time.monotonic()
    outcome = await shop.run(SHELL, script="sleep 600 & echo pid $!; echo done")
    assert outcome.state is State.SUCCESS
    assert time.monotonic() - started < 30
    assert ("INFO", "done") in await shop.lines()
    await gone(await pids(shop))


async def test_a_daemon_does_not_hold_the_task_and_is_ended(shop: Shop) -> None:
    daemon = "echo pid $$; touch up; sleep 600"
    outcome = await shop.run(
        SHELL, inputFiles={"d.sh": daemon}, script="setsid sh d.sh & while [ ! -e up ]; do sleep 0.02; done"
    )
    assert outcome.state is State.SUCCESS
    await gone(await pids(shop))


async def gone(processes: list[int]) -> None:
    """A kill takes effect some moments later."""
    assert processes
    async with asyncio.timeout(5):
        while any(map(is_alive, processes)):  # noqa: ASYNC110 – a process tells only its parent
            await asyncio.sleep(0.01)


async def test_a_flood_from_one_who_cannot_be_found_does_not_hold_the_task(shop: Shop) -> None:
    """No mark, another session: it is not ours to end, nor to listen to."""
    outcome = await shop.run(
        SHELL,
        inputFiles={"d.sh": f"echo pid $$; touch up; while [ -e /proc/{os.getpid()} ]; do echo xxxxxxxx; done"},
        script=f"env -u {MARKER} setsid sh d.sh & while [ ! -e up ]; do sleep 0.02; done",
    )
    (daemon,) = await pids(shop)
    assert outcome.state is State.SUCCESS
    os.kill(daemon, 9)


async def test_many_lines_all_arrive_in_order(shop: Shop) -> None:
    assert (await shop.run(SHELL, script="seq 1 50000")).state is State.SUCCESS
    assert [message for _, message in await shop.lines()] == [str(number) for number in range(1, 50001)]


async def test_a_command_that_closes_its_output_runs_on(shop: Shop) -> None:
    outcome = await shop.run(SHELL, script="exec >&- 2>&-; sleep 0.2; : > $OUTPUT_DIR/end")
    assert (outcome.state, await shop.files(outcome)) == (State.SUCCESS, {"end": ""})


async def test_a_worker_that_stops_while_a_script_is_being_ended_leaves_nothing(shop: Shop) -> None:
    attempt = shop.begin(
        SHELL, script="trap 'echo asked; sleep 0.3; exit' TERM; echo pid $$; echo ready; while :; do sleep 0.05; done"
    )
    running = asyncio.create_task(attempt.outcome())
    await shop.until("ready")
    attempt.kill()
    await shop.until("asked")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [is_alive(pid) for pid in await pids(shop)] == [False]
    assert list((shop.folder / "runs").glob("*")) == []


@pytest.mark.parametrize("moment", range(3))
async def test_a_kill_at_any_moment_ends(shop: Shop, moment: int) -> None:
    attempt = shop.begin(SHELL, script="sleep 600")
    running = asyncio.create_task(attempt.outcome())
    for _ in range(moment * 7):
        await asyncio.sleep(0)
    attempt.kill()
    assert (await running).state is State.KILLED
    assert list((shop.folder / "runs").glob("*")) == []
