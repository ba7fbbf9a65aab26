"""The one job of a task run: never done twice, sent again where BigQuery failed, stopped with its task."""

import asyncio

from tests.plugins_gcp.conftest import LOAD, Desk
from tests.plugins_gcp.fake import FakeBigQuery, ended
from tests.services.jobs import a_job

from tiercel.model.states import State

CSV = b"id,name\n1,x\n2,y\n"
INVALID = {"reason": "invalid", "message": "bad row"}
BUSY = {"reason": "backendError", "message": "try later"}
SOON = {"type": "constant", "interval": "PT0.001S", "maxAttempts": 3}


def a_load(identifier: str) -> dict[str, object]:
    reference = {"projectId": "project", "jobId": identifier, "location": "EU"}
    table = {"projectId": "project", "datasetId": "dataset", "tableId": "events"}
    return {"jobReference": reference, "configuration": {"load": {"destinationTable": table}}}


async def test_a_job_of_the_same_id_is_waited_for_instead_of_sent(desk: Desk, fake: FakeBigQuery) -> None:
    fake.jobs["tiercel_run_1"] = ended(a_load("tiercel_run_1"))
    outcome = await desk.load("a.csv", CSV, run="run")
    assert outcome.state is State.SUCCESS
    assert (outcome.outputs or {})["jobId"] == "tiercel_run_1"
    assert fake.sent == []


async def test_a_job_of_an_attempt_whose_worker_was_lost_is_taken_over(desk: Desk, fake: FakeBigQuery) -> None:
    fake.jobs["tiercel_run_1"] = ended(a_load("tiercel_run_1"))
    outcome = await desk.load("a.csv", CSV, run="run", attempt=3)
    assert outcome.state is State.SUCCESS
    assert (outcome.outputs or {})["jobId"] == "tiercel_run_1"
    assert fake.sent == []
    assert await desk.levels("of attempt 1 is taken over") == {"INFO"}


async def test_after_an_attempt_that_failed_the_file_is_sent_again(desk: Desk, fake: FakeBigQuery) -> None:
    fake.jobs["tiercel_run_1"] = ended(a_load("tiercel_run_1"), INVALID)
    outcome = await desk.load("a.csv", CSV, run="run", attempt=2)
    assert outcome.state is State.SUCCESS
    assert fake.sent == ["tiercel_run_2"]


async def test_a_first_attempt_asks_for_no_earlier_job(desk: Desk, fake: FakeBigQuery) -> None:
    await desk.load("a.csv", CSV)
    assert fake.asked == []


async def test_a_job_that_bigquery_could_not_finish_is_sent_again_under_another_id(
    desk: Desk, fake: FakeBigQuery
) -> None:
    fake.endings = [BUSY, {"reason": "other", "message": "stopped due to concurrent update of the table"}]
    outcome = await desk.load("a.csv", CSV, run="run", retryAuto=SOON)
    assert outcome.state is State.SUCCESS
    assert fake.sent == ["tiercel_run_1", "tiercel_run_1_2", "tiercel_run_1_3"]
    assert await desk.levels("next try in") == {"WARN"}


async def test_a_job_that_was_sent_again_is_taken_over_too(desk: Desk, fake: FakeBigQuery) -> None:
    fake.jobs["tiercel_run_1"] = ended(a_load("tiercel_run_1"), BUSY)
    fake.jobs["tiercel_run_1_2"] = ended(a_load("tiercel_run_1_2"))
    outcome = await desk.load("a.csv", CSV, run="run", attempt=2)
    assert (outcome.outputs or {})["jobId"] == "tiercel_run_1_2"
    assert fake.sent == []


async def test_tries_come_to_an_end(desk: Desk, fake: FakeBigQuery) -> None:
    fake.endings = [BUSY] * 5
    outcome = await desk.load("a.csv", CSV, retryAuto=SOON)
    assert outcome.state is State.FAILED
    assert len(fake.sent) == 3


async def test_a_job_that_failed_by_its_own_fault_is_not_sent_again(desk: Desk, fake: FakeBigQuery) -> None:
    fake.endings = [INVALID]
    assert (await desk.load("a.csv", CSV, retryAuto=SOON)).state is State.FAILED
    assert len(fake.sent) == 1


async def test_a_kill_cancels_the_job(desk: Desk, fake: FakeBigQuery) -> None:
    fake.holds = True
    properties = {"from": await desk.put("a.csv", CSV), "destinationTable": "project.dataset.events"}
    attempt = desk.place.runner.begin(a_job(LOAD, properties, task_run_id="run"))
    outcome = asyncio.create_task(attempt.outcome())
    await asyncio.to_thread(fake.looked.wait)
    attempt.kill()
    assert (await outcome).state is State.KILLED
    assert "tiercel_run_1" in fake.cancelled


async def test_a_kill_while_the_file_is_sent_lets_no_job_begin(desk: Desk, fake: FakeBigQuery) -> None:
    fake.gate.clear()
    properties = {"from": await desk.put("a.csv", CSV), "destinationTable": "project.dataset.events"}
    attempt = desk.place.runner.begin(a_job(LOAD, properties, task_run_id="run"))
    outcome = asyncio.create_task(attempt.outcome())
    await asyncio.to_thread(fake.announced.wait)
    attempt.kill()
    for _ in range(5):
        await asyncio.sleep(0)  # the kill reaches the task in a few turns of the loop
    fake.gate.set()
    assert (await outcome).state is State.KILLED
    assert (fake.bodies, fake.sent) == ([], [])
