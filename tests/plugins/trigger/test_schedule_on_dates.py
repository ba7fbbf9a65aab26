"""Dates that are written down: each once, in their zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from tiercel.plugins.trigger.schedule_on_dates import ScheduleOnDates

PARIS = ZoneInfo("Europe/Paris")
DATES = ["2026-07-02T00:00:00Z", "2026-07-01T12:00:00", "2026-07-01T12:00:00-04:00"]


def test_dates_come_one_after_the_other_however_they_are_written() -> None:
    schedule = ScheduleOnDates.model_validate({"dates": DATES})
    date, found = datetime(2026, 7, 1, tzinfo=UTC), []
    while (following := schedule.next_date(date, zone=PARIS)) is not None:
        found.append(schedule.variables(following, zone=PARIS)["date"])
        date = following
    assert found == ["2026-07-01T12:00:00+02:00", "2026-07-01T18:00:00+02:00", "2026-07-02T02:00:00+02:00"]
    before = schedule.previous_date(date, zone=PARIS)
    assert before == datetime(2026, 7, 1, 16, tzinfo=UTC)


def test_the_zone_of_the_trigger_goes_before_the_servers() -> None:
    schedule = ScheduleOnDates.model_validate({"dates": DATES, "timezone": "America/New_York"})
    first = schedule.next_date(datetime(2026, 7, 1, tzinfo=UTC), zone=PARIS)
    assert first == datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert schedule.variables(first, zone=PARIS) == {"date": "2026-07-01T12:00:00-04:00"}


def test_a_date_may_name_its_zone_beside_its_offset() -> None:
    schedule = ScheduleOnDates.model_validate({"dates": ["2026-07-02T00:00:00+02:00[Europe/Paris]"]})
    assert schedule.next_date(datetime(2026, 7, 1, tzinfo=UTC), zone=PARIS) == datetime(2026, 7, 1, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "properties", [{}, {"dates": []}, {"dates": ["soon"]}, {"dates": DATES, "timezone": "Mars/Olympus"}]
)
def test_what_has_no_dates_is_refused(properties: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ScheduleOnDates.model_validate(properties)
