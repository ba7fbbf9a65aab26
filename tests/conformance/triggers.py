"""What cases do with triggers: on the server, which has a scheduler of its own."""

from typing import Any

from tests.api.client import Api, good, wait_for


def switch(api: Api, case: dict[str, Any], trigger: str, *, disabled: bool) -> None:
    wish = {
        "namespace": case["namespace"],
        "flowId": case["flow_id"],
        "triggerId": trigger,
        "disabled": disabled,
    }
    good(api.ask("PUT", "/triggers/set-disabled", json=wish))


def until_switched(api: Api, case: dict[str, Any], trigger: str, *, disabled: bool) -> None:
    """Wait until it is off, or on; then it is off for the cases to come, as nobody ends what it would start."""

    def found() -> list[Any]:
        return api.get(f"/triggers/{case['namespace']}/{case['flow_id']}")["results"]

    wait_for(found, lambda states: _named(states, trigger).get("disabled") is disabled)
    switch(api, case, trigger, disabled=True)


def _named(states: list[Any], trigger: str) -> dict[str, Any]:
    return next((state for state in states if state["triggerId"] == trigger), {})
