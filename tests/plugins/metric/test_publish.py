"""Numbers of the author's own are reported as they are written."""

from typing import Any

import pytest
from tests.plugins.instants import run

from tiercel.model.states import State

TYPE = "core.metric.Publish"


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("counter", 42, 42),
        ("counter", "{{ 40 + 2 }}", 42),
        ("gauge", 1.5, 1.5),
        ("timer", 2, 2000),
        ("timer", "PT1M30S", 90_000),
    ],
)
def test_a_number_is_reported(kind: str, written: Any, value: float) -> None:
    metric = {
        "type": kind,
        "name": "orders",
        "value": written,
        "description": "how many",
        "tags": {"country": "{{ 'de' }}"},
    }
    outcome = run(TYPE, {"metrics": [metric]})
    [reported] = outcome.metrics
    assert (reported.type, reported.name, reported.value, reported.tags) == (kind, "orders", value, {"country": "de"})
    told = {
        "type": kind,
        "name": "orders",
        "value": value / 1000 if kind == "timer" else value,
        "tags": {"country": "de"},
    }
    assert outcome.outputs == {"metrics": [told]}


def test_numbers_may_come_as_one_expression() -> None:
    [reported] = run(TYPE, {"metrics": "{{ [{'type': 'counter', 'name': 'orders', 'value': 2}] }}"}).metrics
    assert (reported.name, reported.value) == ("orders", 2)


@pytest.mark.parametrize(
    "metric", [{"type": "counter", "name": "a", "value": "PT1M"}, {"type": "sum", "name": "a", "value": 1}]
)
def test_what_is_no_number_is_refused(metric: dict[str, Any]) -> None:
    assert run(TYPE, {"metrics": [metric]}).state is State.FAILED
