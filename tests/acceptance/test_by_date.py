"""The flow started by its schedule, and for a date of the past."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.acceptance.clock import MovedClock
from tests.acceptance.conftest import ZONE
from tests.acceptance.pipeline import Pipeline
from tests.api.client import wait_for
from tests.peers.bigquery import BigQuery

IDS = "SELECT id FROM dataset.events ORDER BY id"
NEXT = datetime(2026, 3, 12, 2, tzinfo=ZONE)


def the_execution(pipeline: Pipeline) -> Any:
    """The only one, at its end."""
    (found,) = wait_for(pipeline.executions, lambda executions: len(executions) > 0)
    return pipeline.over(found["id"])


def date_of(execution: Any) -> datetime:
    assert execution["trigger"]["id"] == "daily"
    return datetime.fromisoformat(execution["trigger"]["variables"]["date"])


def is_scheduled(pair: Any) -> bool:
    return pair["state"].get("nextEvaluationDate") is not None


def test_the_schedule_starts_it_once_at_two_in_the_servers_zone(
    pipeline: Pipeline, clock: MovedClock, target: BigQuery
) -> None:
    pair = wait_for(pipeline.trigger, is_scheduled)
    assert datetime.fromisoformat(pair["state"]["nextEvaluationDate"]) == NEXT
    clock.jump(NEXT.astimezone(UTC) + timedelta(seconds=1))
    execution = the_execution(pipeline)
    assert "\n".join(pipeline.messages(execution, "ERROR")) == ""
    assert execution["state"]["current"] == "SUCCESS"
    assert date_of(execution) == NEXT
    assert execution["inputs"] == {"date": "2026-03-11"}
    assert target.rows(IDS) == [{"id": 21}, {"id": 22}, {"id": 23}]
    assert len(pipeline.executions()) == 1
    following = datetime.fromisoformat(pipeline.trigger()["state"]["nextEvaluationDate"])
    assert following == NEXT + timedelta(days=1)


def test_a_backfill_of_one_date_starts_it_once_with_that_date_and_loads_yesterday_by_the_clock(
    pipeline: Pipeline, target: BigQuery
) -> None:
    wait_for(pipeline.trigger, is_scheduled)
    state = pipeline.backfill(start="2026-02-03T00:00:00+13:00", end="2026-02-04T00:00:00+13:00")
    assert datetime.fromisoformat(state["backfill"]["start"]) == datetime(2026, 2, 3, tzinfo=ZONE)
    execution = the_execution(pipeline)
    assert "\n".join(pipeline.messages(execution, "ERROR")) == ""
    assert execution["state"]["current"] == "SUCCESS"
    assert date_of(execution) == datetime(2026, 2, 3, 2, tzinfo=ZONE)
    assert target.rows(IDS) == [{"id": 11}, {"id": 12}, {"id": 13}]
    pair = wait_for(pipeline.trigger, lambda pair: "backfill" not in pair["state"])
    assert datetime.fromisoformat(pair["state"]["nextEvaluationDate"]) == NEXT
    assert len(pipeline.executions()) == 1
