"""Faults of properties in words for people."""

from typing import Any

import pytest
from pydantic import ValidationError

from tiercel.plugins.trigger.schedule_on_dates import ScheduleOnDates
from tiercel.plugins.trigger.webhook import Webhook
from tiercel.sdk import Trigger
from tiercel.services.faults import explain


@pytest.mark.parametrize(
    ("kind", "properties", "message"),
    [
        (Webhook, {"key": "x" * 257}, "property `key` must be a text of at most 256 characters"),
        (ScheduleOnDates, {"dates": []}, "property `dates` must be a list of 1 or more"),
    ],
)
def test_what_is_too_short_or_too_long_is_told_with_its_limit(
    kind: type[Trigger], properties: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(properties)
    [fault] = explain(caught.value, properties, kind)
    assert fault.message.startswith(message)
