"""A schedule gives dates in its own zone, and refuses what can never fire."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from tiercel.plugins.trigger.schedule import Schedule
from tiercel.plugins.trigger.webhook import Webhook

PARIS = ZoneInfo("Europe/Paris")


def test_dates_are_in_the_zone_of_the_server_unless_it_has_its_own() -> None:
    after = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    assert str(Schedule(cron="0 2 * * *").next_date(after, zone=PARIS)) == "2026-07-02 02:00:00+02:00"
    own = Schedule.model_validate({"cron": "0 2 * * *", "timezone": "America/New_York"})
    assert str(own.next_date(after, zone=PARIS)) == "2026-07-02 02:00:00-04:00"


def test_variables_are_texts_to_the_second() -> None:
    date = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
    assert Schedule(cron="0 9 * * *").variables(date, zone=PARIS) == {
        "date": "2024-01-01T09:00:00+01:00",
        "next": "2024-01-02T09:00:00+01:00",
        "previous": "2023-12-31T09:00:00+01:00",
    }
    assert Schedule(cron="0 8 * * *").variables(date, zone=ZoneInfo("UTC"))["date"] == "2024-01-01T08:00:00Z"


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"cron": "0 0 30 2 *"}, "is no cron expression"),
        ({"cron": "0 2 * * *", "timezone": "Mars/Olympus"}, "is no time zone"),
        ({"cron": "0 2 * * *", "recoverMissedSchedules": "SOME"}, "recoverMissedSchedules"),
    ],
)
def test_what_cannot_fire_is_refused(properties: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Schedule.model_validate(properties)


@pytest.mark.parametrize("key", ["", "  ", "x" * 257])
def test_a_key_of_a_webhook_is_neither_blank_nor_too_long(key: str) -> None:
    with pytest.raises(ValidationError):
        Webhook(key=key)
