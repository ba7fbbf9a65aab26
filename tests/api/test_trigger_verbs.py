"""Verbs on triggers: one, several, all that a search finds."""

from typing import Any

import pytest
from tests.api.client import LOG, Api, good, wait_for

SCHEDULE = f"""
tasks: [{{id: log, type: {LOG}, message: hello}}]
triggers:
  - {{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 3 * * *"}}
  - {{id: other, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 4 * * *"}}
"""


@pytest.fixture
def scheduled(api: Api) -> Api:
    api.deploy("sched", SCHEDULE)
    return api


def named(api: Api, trigger: str = "daily") -> dict[str, str]:
    return {"namespace": api.namespace, "flowId": "sched", "triggerId": trigger}


def states(api: Api) -> dict[str, Any]:
    return {each["triggerId"]: each for each in api.get(f"/triggers/{api.namespace}/sched")["results"]}


def over(api: Api, answer: Any) -> Any:
    assert answer.status_code == 202, answer.text
    identifier = answer.json()["operationId"]
    return wait_for(lambda: api.get(f"/operations/{identifier}"), lambda operation: operation["isOver"])


def backfill(api: Api, trigger: str = "daily") -> None:
    wish = {"start": "2026-01-01T00:00:00Z", "end": "2036-01-01T00:00:00Z"}
    good(api.ask("PUT", "/triggers/backfill/create", json={**named(api, trigger), "backfill": wish}))


def pause(api: Api, trigger: str = "daily") -> Any:
    return good(api.ask("PUT", "/triggers/backfill/pause", json=named(api, trigger))).json()


def test_a_trigger_is_switched_off_and_on_again(scheduled: Api) -> None:
    for disabled in (True, False):
        wish = {**named(scheduled), "disabled": disabled}
        assert good(scheduled.ask("PUT", "/triggers/set-disabled", json=wish)).json()["disabled"] is disabled
        assert states(scheduled)["daily"]["disabled"] is disabled


def test_a_trigger_that_is_off_shows_no_date_that_has_passed(scheduled: Api) -> None:
    wish = {"start": "2020-01-01T00:00:00Z", "end": "2036-01-01T00:00:00Z"}
    good(scheduled.ask("PUT", "/triggers/backfill/create", json={**named(scheduled), "backfill": wish}))
    assert states(scheduled)["daily"]["nextEvaluationDate"].startswith("2020-01-0")
    off = good(scheduled.ask("PUT", "/triggers/set-disabled", json={**named(scheduled), "disabled": True})).json()
    assert "nextEvaluationDate" not in off


def test_a_trigger_that_is_not_locked_cannot_be_unlocked(scheduled: Api) -> None:
    answer = scheduled.ask("POST", f"/triggers/{scheduled.namespace}/sched/daily/unlock")
    assert answer.status_code == 409
    assert answer.json()["detail"].endswith("is already unlocked")


def test_a_trigger_begins_anew(scheduled: Api) -> None:
    state = good(scheduled.ask("POST", f"/triggers/{scheduled.namespace}/sched/daily/restart")).json()
    assert (state["triggerId"], state["locked"]) == ("daily", False)


def test_the_state_of_a_trigger_is_forgotten(scheduled: Api) -> None:
    assert scheduled.ask("DELETE", f"/triggers/{scheduled.namespace}/sched/daily").status_code == 204
    assert set(states(scheduled)) == {"other"}


@pytest.mark.parametrize("verb", ["unlock", "restart"])
def test_a_trigger_that_is_not_there_is_not_found(scheduled: Api, verb: str) -> None:
    assert scheduled.ask("POST", f"/triggers/{scheduled.namespace}/sched/nope/{verb}").status_code == 404


def test_a_backfill_stops_goes_on_and_is_given_up(scheduled: Api) -> None:
    backfill(scheduled)
    assert pause(scheduled)["backfill"]["paused"] is True
    going = good(scheduled.ask("PUT", "/triggers/backfill/unpause", json=named(scheduled))).json()
    assert going["backfill"]["paused"] is False
    assert "backfill" not in good(scheduled.ask("POST", "/triggers/backfill/delete", json=named(scheduled))).json()
    assert scheduled.ask("PUT", "/triggers/backfill/pause", json=named(scheduled)).status_code == 409


def test_a_second_backfill_of_a_trigger_is_a_conflict(scheduled: Api) -> None:
    backfill(scheduled)
    wish = {"start": "2027-01-01T00:00:00Z", "end": "2028-01-01T00:00:00Z"}
    answer = scheduled.ask("PUT", "/triggers/backfill/create", json={**named(scheduled), "backfill": wish})
    assert answer.status_code == 409
    assert "under way" in answer.json()["detail"]
    assert states(scheduled)["daily"]["backfill"]["start"] == "2026-01-01T00:00:00Z"


def test_triggers_are_switched_off_by_their_names(scheduled: Api) -> None:
    wish = {"triggers": [named(scheduled), named(scheduled, "other"), named(scheduled, "nope")], "disabled": True}
    operation = over(scheduled, scheduled.ask("POST", "/triggers/set-disabled/by-triggers", json=wish))
    assert (operation["totalItems"], operation["done"]) == (2, 2)
    assert {each["disabled"] for each in states(scheduled).values()} == {True}


def test_only_locked_triggers_are_unlocked(scheduled: Api) -> None:
    filters = {"filters[namespace][EQUALS]": scheduled.namespace}
    for answer in (
        scheduled.ask("POST", "/triggers/unlock/by-triggers", json=[named(scheduled)]),
        scheduled.ask("POST", "/triggers/unlock/by-query", params=filters),
    ):
        assert over(scheduled, answer)["totalItems"] == 0


def test_all_triggers_that_a_search_finds_are_switched_off(scheduled: Api) -> None:
    query = {
        "filters[namespace][EQUALS]": scheduled.namespace,
        "filters[triggerId][EQUALS]": "other",
        "disabled": "true",
    }
    assert over(scheduled, scheduled.ask("POST", "/triggers/set-disabled/by-query", params=query))["done"] == 1
    assert {name: state["disabled"] for name, state in states(scheduled).items()} == {"daily": False, "other": True}


def test_all_backfills_that_a_search_finds_are_steered(scheduled: Api) -> None:
    backfill(scheduled)
    query = {"filters[namespace][EQUALS]": scheduled.namespace}
    for verb in ("pause", "unpause", "delete"):
        answer = scheduled.ask("POST", f"/triggers/backfill/{verb}/by-query", params=query)
        assert over(scheduled, answer)["done"] == 1, verb
    assert "backfill" not in states(scheduled)["daily"]


def test_backfills_are_steered_by_the_names_of_their_triggers(scheduled: Api) -> None:
    backfill(scheduled)
    answer = scheduled.ask(
        "POST", "/triggers/backfill/pause/by-triggers", json=[named(scheduled), named(scheduled, "other")]
    )
    assert over(scheduled, answer)["done"] == 1
    assert states(scheduled)["daily"]["backfill"]["paused"] is True


def test_the_states_of_triggers_are_forgotten_by_their_names_and_by_a_search(scheduled: Api) -> None:
    over(scheduled, scheduled.ask("DELETE", "/triggers/delete/by-triggers", json=[named(scheduled)]))
    assert set(states(scheduled)) == {"other"}
    query = {"filters[namespace][EQUALS]": scheduled.namespace}
    over(scheduled, scheduled.ask("DELETE", "/triggers/delete/by-query", params=query))
    assert states(scheduled) == {}


def test_filters_in_a_body_are_not_overlooked(scheduled: Api) -> None:
    body = {"filters": [{"field": "flowId", "operation": "EQUALS", "value": "nope"}]}
    assert scheduled.ask("DELETE", "/triggers/delete/by-query", json=body).status_code == 422
    assert len(states(scheduled)) == 2
