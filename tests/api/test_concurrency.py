"""Limits of concurrency: who holds a slot is counted, and what somebody writes instead changes nothing."""

import pytest
from tests.api.client import LOG, Api, good, wait_for

LIMITED = f"""
concurrency: {{limit: 2, key: "{{{{ flow.id }}}}"}}
tasks:
  - {{id: pause, type: io.kestra.plugin.core.flow.Pause}}
  - {{id: log, type: {LOG}, message: hello}}
"""


@pytest.fixture
def limited(api: Api) -> Api:
    api.deploy("limited", LIMITED)
    api.log_flow("unlimited")
    return api


def running(api: Api) -> dict[str, int]:
    found = api.get("/concurrency-limit/search")
    assert found["total"] == len(found["results"])
    own = [each for each in found["results"] if each["namespace"] == api.namespace]
    assert {each["tenantId"] for each in own} == {"main"}
    return {each["flowId"]: each["running"] for each in own}


def test_flows_with_a_limit_are_listed_with_those_who_hold_a_slot(limited: Api) -> None:
    assert running(limited) == {"limited": 0}
    for _ in range(3):
        limited.start("limited")
    wait_for(lambda: running(limited), lambda found: found == {"limited": 2})


def test_a_number_cannot_be_written(limited: Api) -> None:
    body = {"tenantId": "main", "namespace": limited.namespace, "flowId": "limited", "running": 7}
    answer = good(limited.ask("PUT", f"/concurrency-limit/{limited.namespace}/limited", json=body)).json()
    assert answer == body | {"running": 0}
    assert running(limited) == {"limited": 0}


def test_a_flow_without_a_limit_has_none(limited: Api) -> None:
    body = {"tenantId": "main", "namespace": limited.namespace, "flowId": "unlimited"}
    assert limited.ask("PUT", f"/concurrency-limit/{limited.namespace}/unlimited", json=body).status_code == 404
