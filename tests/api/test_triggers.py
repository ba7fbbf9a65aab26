"""Triggers: searched with their state, and given backfills."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.api.client import LOG, Api, good, wait_for

SCHEDULE = f"""
tasks: [{{id: log, type: {LOG}, message: "{{{{ trigger.date }}}}"}}]
triggers:
  - {{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 3 * * *"}}
  - {{id: other, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 4 * * *", disabled: true}}
"""


@pytest.fixture
def scheduled(api: Api) -> Api:
    api.deploy("sched", SCHEDULE)
    return api


def backfill(api: Api, start: str, end: str | None, trigger: str = "daily", **more: Any) -> httpx2.Response:
    wish = {"start": start, **({} if end is None else {"end": end}), **more}
    body = {"namespace": api.namespace, "flowId": "sched", "triggerId": trigger, "backfill": wish}
    return api.ask("PUT", "/triggers/backfill/create", json=body)


def test_a_schedule_is_found_with_its_next_date(scheduled: Api) -> None:
    found = scheduled.get("/triggers/search", **{"filters[namespace][EQUALS]": scheduled.namespace})
    pair = next(each for each in found["results"] if each["state"]["triggerId"] == "daily")
    assert pair["trigger"] == {"id": "daily", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "0 3 * * *"}
    following = datetime.fromisoformat(pair["state"]["nextEvaluationDate"])
    assert (following.hour, following.minute) == (3, 0)
    assert timedelta() < following - datetime.now(UTC) <= timedelta(days=1)
    assert (pair["state"]["disabled"], pair["state"]["locked"]) == (False, False)


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"filters[triggerId][EQUALS]": "daily"}, {"daily"}),
        ({"filters[triggerId][STARTS_WITH]": "o"}, {"other"}),
        ({"filters[flowId][EQUALS]": "nope"}, set()),
        ({"filters[q][EQUALS]": "DAIL"}, {"daily"}),
        (
            {"filters[or][0][triggerId][EQUALS]": "daily", "filters[or][1][triggerId][EQUALS]": "other"},
            {"daily", "other"},
        ),
    ],
)
def test_triggers_are_found_by(scheduled: Api, filters: dict[str, str], wanted: set[str]) -> None:
    found = scheduled.get("/triggers/search", **{"filters[namespace][EQUALS]": scheduled.namespace}, **filters)
    assert {each["state"]["triggerId"] for each in found["results"]} == wanted


def test_the_triggers_of_one_flow_are_listed_bare(scheduled: Api) -> None:
    found = scheduled.get(f"/triggers/{scheduled.namespace}/sched")
    assert {each["triggerId"] for each in found["results"]} >= {"daily"}
    assert scheduled.ask("GET", f"/triggers/{scheduled.namespace}/nope").status_code == 404


def test_a_backfill_runs_the_dates_of_the_past(scheduled: Api) -> None:
    answer = good(
        backfill(scheduled, "2026-01-01T00:00:00Z", "2026-01-03T12:00:00Z", labels=[{"key": "bf", "value": "1"}])
    )
    assert answer.json()["backfill"]["currentDate"].startswith("2026-01-01T03:00:00")

    def ended() -> Any:
        query = {"filters[namespace][EQUALS]": scheduled.namespace, "filters[state][EQUALS]": "SUCCESS"}
        return scheduled.get("/executions/search", **query)["results"]

    found = wait_for(ended, lambda results: len(results) == 3)
    dates = {each["trigger"]["variables"]["date"][:13] for each in found}
    assert dates == {"2026-01-01T03", "2026-01-02T03", "2026-01-03T03"}
    assert all({"key": "bf", "value": "1"} in each["labels"] for each in found)


@pytest.mark.parametrize(
    ("start", "end", "trigger", "status"),
    [
        ("2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z", "daily", 422),
        ("2026-01-03T00:00:00Z", "2026-01-03T00:00:00Z", "daily", 422),
        ("yesterday", None, "daily", 422),
        ("2026-01-03T00:00:00Z", None, "nope", 404),
    ],
)
def test_a_backfill_that_cannot_be_is_refused(scheduled: Api, start: str, end: str, trigger: str, status: int) -> None:
    assert backfill(scheduled, start, end, trigger).status_code == status
    found = scheduled.get(f"/triggers/{scheduled.namespace}/sched")["results"]
    assert all("backfill" not in each for each in found)


def test_a_body_that_is_no_backfill_is_refused(api: Api) -> None:
    assert api.ask("PUT", "/triggers/backfill/create", json={"flowId": "x"}).status_code == 422
    assert api.ask("PUT", "/triggers/backfill/create", content=b"{").status_code == 422


def test_the_triggers_of_a_deleted_flow_are_gone(scheduled: Api) -> None:
    scheduled.ask("DELETE", f"/flows/{scheduled.namespace}/sched")
    found = scheduled.get("/triggers/search", **{"filters[namespace][EQUALS]": scheduled.namespace})
    assert found["results"] == []
