"""What a person does in the UI, on a real server in a real browser."""

from typing import Any

import httpx2
import pytest
from tests.browser.driver import Driver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_a_flow_is_executed_through_the_dialog_and_watched_to_its_end(api: httpx2.Client, driver: Driver) -> None:
    seen = driver.see("execute")
    assert "io.kestra.plugin.core.flow.Sleep" in seen["source"]
    assert "10" in seen["mistake"]
    assert seen["began"] in ("CREATED", "RUNNING")
    assert seen["ended"] == "SUCCESS"
    assert "Hello Ada" in seen["log"]
    assert any(value.startswith("values") for value in seen["outputs"])
    assert_sound(seen)


def test_every_type_of_input_has_a_field_that_the_server_understands(api: httpx2.Client, driver: Driver) -> None:
    seen = driver.see("inputs")
    assert "text" in seen["foot"]
    given = api.get(f"/executions/{seen['id']}").json()["inputs"]
    assert given.pop("orders").endswith("orders.csv")
    assert "1" in seen["file"]
    assert given == {
        "text": "lower",
        "whole": 5,
        "share": 0.25,
        "sure": False,
        "tell": False,
        "store": "west",
        "mode": "slow",
        "regions": ["eu", "uk"],
        "day": "2026-11-24",
        "moment": "2026-11-25T16:00:00Z",
        "clock": "05:30:00",
        "patience": "PT20M",
        "mapping": {"currency": "EUR"},
        "checks": {"max_age": "26h"},
        "callback": "https://erp.example.com/hooks",
        "mail": "ana@example.com",
        "sizes": [1, 2],
    }
    assert_sound(seen)


def test_a_failed_execution_leads_to_its_failing_line(api: httpx2.Client, driver: Driver) -> None:
    failed = start(api, "fails", wait="true")
    assert failed["state"]["current"] == "FAILED"
    seen = driver.see("failing")
    assert seen["culprit"] == "culprit"
    assert "vat_id must not be empty" in seen["error"]
    assert seen["line"] in seen["error"]
    assert seen["afterEscape"] == "none"
    assert_sound(seen)


def test_an_open_list_takes_in_what_begins_meanwhile(api: httpx2.Client, driver: Driver) -> None:
    seen = driver.see("news")
    assert seen["after"] == seen["before"] + 1
    assert_sound(seen)


def test_an_execution_is_killed_and_another_one_resumed(api: httpx2.Client, driver: Driver) -> None:
    ids = {flow: start(api, flow)["id"] for flow in ("sleeper", "ask")}
    seen = driver.see("tell", **ids)
    assert (seen["killed"], seen["resumed"]) == ("KILLED", "SUCCESS")
    answered = api.get(f"/logs/{ids['ask']}").json()
    assert any(line["message"] == "checked" for line in answered)
    assert_sound(seen)


def test_lists_and_preferences_obey_the_keys(api: httpx2.Client, driver: Driver) -> None:
    seen = driver.see("lists")
    assert "greet" in seen["found"]
    assert "sleeper" not in seen["found"]
    assert seen["folded"] == 1
    assert seen["theme"] == "dark"
    assert_sound(seen)


def start(api: httpx2.Client, flow: str, **query: str) -> dict[str, Any]:
    answer = api.post(f"/executions/browser.tests/{flow}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def assert_sound(seen: dict[str, object]) -> None:
    """No error of a script, no request to another host, nothing that axe finds against WCAG 2.1 A and AA."""
    assert seen["broken"] == []
    violations = seen["violations"]
    assert isinstance(violations, dict)
    assert {page: found for page, found in violations.items() if found} == {}
