"""Tasks on a worker: real folders and storage, time limits, kills, failures, and what remains of each."""

import asyncio
from pathlib import Path

import pytest
from tests.services.jobs import Place, a_job, a_place
from tests.services.tasks import PREFIX, a_catalog, working_folders

from tiercel.model.states import State


async def begun(place: Place) -> None:
    """Wait until the task has written its first line."""
    for _ in range(1000):
        await asyncio.sleep(0)
        await place.writer.flush()
        if await place.lines():
            return
    pytest.fail("the task never began")


async def test_lines_and_numbers_are_stored_when_the_outcome_is_known(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Talkative"))
        assert outcome.state is State.SUCCESS
        assert await place.lines() == [("INFO", f"line {number}") for number in range(3)]
        metrics, _ = await place.logs.metrics("0VexecutionexecutionA1", page=1, size=10)
        assert [(entry.name, entry.value, entry.tags) for entry in metrics] == [
            ("lines", 3, {"kind": "test"}),
            ("spent", 1500, {}),
        ]


async def test_a_task_reads_and_writes_files_of_internal_storage(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        first = await place.runner.run(a_job(PREFIX + "Filing"))
        assert first.outputs == {
            "seen": "kestra:///company/team/orders-flow/executions/0VexecutionexecutionA1/tasks/work/taskrun1/"
            "sub/my%20result.csv"
        }
        second = await place.runner.run(
            a_job(PREFIX + "Filing", {"source": first.outputs["seen"]}, task_run_id="other")
        )
        assert second.state is State.SUCCESS
        assert working_folders(place.folder) == []


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Filing", {"source": "kestra:///a/b.csv"}))
        assert (outcome.state, outcome.error) == (State.FAILED, "no file at kestra:///a/b.csv in internal storage")
        outcome = await place.runner.run(a_job(PREFIX + "Filing", {"source": "/etc/hostname"}))
        assert "no file of internal storage" in str(outcome.error)


async def test_a_mistake_in_the_code_shows_where_it_is(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Broken"))
        assert outcome.error == "KeyError: 'absent'"
        (error, debug) = await place.lines()
        assert error == ("ERROR", "KeyError: 'absent'")
        assert debug[0] == "DEBUG"
        assert "tasks.py" in debug[1]


async def test_outputs_of_a_failed_task_are_kept(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Partial"))
        assert (outcome.state, outcome.outputs, outcome.error) == (State.FAILED, {"seen": 1}, "half of it failed")


async def test_the_world_answers_expressions_and_its_secrets_are_masked(tmp_path: Path) -> None:
    async with a_place(tmp_path, environment={"SECRET_API_KEY": "dG9wLXNlY3JldA=="}) as place:
        outcome = await place.runner.run(a_job("core.log.Log", {"message": "key {{ secret('API_KEY') }}"}))
        assert outcome.state is State.SUCCESS
        assert await place.lines() == [("INFO", "key ******")]


async def test_a_question_without_an_answer_fails_the_task(tmp_path: Path) -> None:
    async with a_place(tmp_path) as place:
        outcome = await place.runner.run(a_job("core.log.Log", {"message": "{{ secret('ABSENT') }}"}))
        assert outcome.state is State.FAILED
        assert "there is no secret `ABSENT`" in str(outcome.error)


async def test_a_task_renders_with_variables_of_its_own(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog(), environment={"SECRET_A": "YQ=="}) as place:
        job = a_job(
            PREFIX + "Rendering",
            {"template": "{{ mine }} {{ inputs.x }} {{ secret('A') }}"},
            variables={"inputs": {"x": 1}},
        )
        assert (await place.runner.run(job)).outputs == {"seen": "own 1 a"}


async def test_a_task_that_takes_longer_than_its_timeout_fails(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        job = a_job(PREFIX + "Patient", timeout="PT0.0{{ inputs.x }}S", variables={"inputs": {"x": 2}})
        outcome = await place.runner.run(job)
        assert (outcome.state, outcome.error) == (
            State.FAILED,
            "Timeout after PT0.02S: the task took longer than it may",
        )
        lines = await place.lines()
        assert ("INFO", "cleaned up") in lines
        assert [line for line in lines if line[0] != "INFO"] == [("ERROR", outcome.error)]
        assert working_folders(place.folder) == []


async def test_outputs_made_before_a_timeout_are_kept(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Careful", timeout=0.02))
        assert (outcome.state, outcome.outputs) == (State.FAILED, {"seen": "half"})


async def test_a_timeout_that_is_no_duration_is_explained(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Patient", timeout="soon"))
        assert str(outcome.error).startswith("property `timeout` is wrong: 'soon' is not a duration")


@pytest.mark.parametrize("times", [1, 2])
async def test_a_killed_task_cleans_up_and_is_killed(tmp_path: Path, times: int) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        attempt = place.runner.begin(a_job(PREFIX + "Patient"))
        running = asyncio.create_task(attempt.outcome())
        await begun(place)
        for _ in range(times):
            attempt.kill()
        outcome = await running
        assert outcome.state is State.KILLED
        assert await place.lines() == [("INFO", "waiting"), ("INFO", "cleaned up")]
        assert working_folders(place.folder) == []


async def test_a_killed_task_keeps_its_outputs(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        attempt = place.runner.begin(a_job(PREFIX + "Careful"))
        running = asyncio.create_task(attempt.outcome())
        await begun(place)
        attempt.kill()
        outcome = await running
        assert (outcome.state, outcome.outputs) == (State.KILLED, {"seen": "half"})


async def test_a_kill_before_the_start_is_not_lost(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        attempt = place.runner.begin(a_job(PREFIX + "Patient"))
        attempt.kill()
        assert (await attempt.outcome()).state is State.KILLED


async def test_a_kill_after_the_end_changes_nothing(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        attempt = place.runner.begin(a_job(PREFIX + "Talkative"))
        outcome = await attempt.outcome()
        attempt.kill()
        assert outcome.state is State.SUCCESS


@pytest.mark.parametrize("task", ["Patient", "Careful"])
async def test_a_worker_that_stops_leaves_no_outcome(tmp_path: Path, task: str) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        running = asyncio.create_task(place.runner.run(a_job(PREFIX + task)))
        await begun(place)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert working_folders(place.folder) == []


async def test_the_log_can_be_a_file(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Talkative", {"lines": 2}, log_to_file=True))
        assert outcome.log_file is not None
        text = b"".join([chunk async for chunk in place.storage.read(outcome.log_file)]).decode()
        assert [line.split(" ", 1)[1] for line in text.splitlines()] == ["INFO line 0", "INFO line 1"]
        assert await place.lines() == []


async def test_a_log_that_cannot_be_kept_fails_the_task_and_nothing_else(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Filling", log_to_file=True))
        assert outcome.state is State.FAILED
        assert str(outcome.error).startswith("the log could not be written to a file")


async def test_a_task_cannot_end_the_worker(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Leaving"))
        assert (outcome.state, outcome.error) == (State.FAILED, "the task tried to end the worker: SystemExit(3)")


async def test_a_failed_task_with_outputs_that_cannot_be_stored_still_fails_once(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        outcome = await place.runner.run(a_job(PREFIX + "Odd"))
        assert outcome.state is State.FAILED
        assert "cannot be stored as JSON" in str(outcome.error)
