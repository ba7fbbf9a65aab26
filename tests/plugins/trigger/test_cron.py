"""Dates of cron expressions, also where clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercel.plugins.trigger.cron import BadCron, fields_of, next_date, previous_date

UTC_ZONE, PARIS, APIA = ZoneInfo("UTC"), ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Apia")


def following(cron: str, after: str, *, zone: ZoneInfo = UTC_ZONE, with_seconds: bool = False) -> str | None:
    fields = fields_of(cron, with_seconds=with_seconds)
    found = next_date(fields, datetime.fromisoformat(after).astimezone(UTC), zone=zone)
    return None if found is None else found.astimezone(zone).isoformat()


def preceding(cron: str, before: str, *, zone: ZoneInfo = UTC_ZONE) -> str | None:
    found = previous_date(
        fields_of(cron, with_seconds=False), datetime.fromisoformat(before).astimezone(UTC), zone=zone
    )
    return None if found is None else found.astimezone(zone).isoformat()


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("0 2 * * *", "2026-07-01T02:00:00Z", "2026-07-02T02:00:00+00:00"),
        ("*/15 * * * *", "2026-07-01T09:31:10.5Z", "2026-07-01T09:45:00+00:00"),
        ("@daily", "2026-07-01T09:30:00Z", "2026-07-02T00:00:00+00:00"),
        ("@hourly", "2026-07-01T09:30:00Z", "2026-07-01T10:00:00+00:00"),
        ("@weekly", "2026-07-01T09:30:00Z", "2026-07-05T00:00:00+00:00"),
        ("@yearly", "2026-07-01T09:30:00Z", "2027-01-01T00:00:00+00:00"),
        ("0 9 ? * MON", "2026-07-01T09:30:00Z", "2026-07-06T09:00:00+00:00"),
        ("0 9 1 JAN ?", "2026-07-01T09:30:00Z", "2027-01-01T09:00:00+00:00"),
        ("0 9 * * 7", "2026-07-01T09:30:00Z", "2026-07-05T09:00:00+00:00"),
        ("0 9 * * 0", "2026-07-01T09:30:00Z", "2026-07-05T09:00:00+00:00"),
        ("0 9 * * sat-sun", "2026-07-01T09:30:00Z", "2026-07-04T09:00:00+00:00"),
        ("0 0 29 2 *", "2026-07-01T09:30:00Z", "2028-02-29T00:00:00+00:00"),
        ("0 0 13 * FRI", "2026-07-01T09:30:00Z", "2026-07-03T00:00:00+00:00"),
    ],
)
def test_the_next_date(cron: str, after: str, expected: str) -> None:
    assert following(cron, after) == expected


def test_seconds_come_first() -> None:
    assert following("*/10 * * * * *", "2026-07-01T09:30:05Z", with_seconds=True) == "2026-07-01T09:30:10+00:00"
    assert following("30 0 2 * * *", "2026-07-01T09:30:05Z", with_seconds=True) == "2026-07-02T02:00:30+00:00"
    assert following("@daily", "2026-07-01T09:30:05Z", with_seconds=True) == "2026-07-02T00:00:00+00:00"


@pytest.mark.parametrize("with_seconds", [False, True])
def test_a_date_that_the_spring_gap_swallows_fires_behind_it(with_seconds: bool) -> None:
    cron = "0 30 2 * * *" if with_seconds else "30 2 * * *"
    dates = ["2026-03-28T03:00:00+01:00"]
    for _ in range(3):
        dates.append(str(following(cron, dates[-1], zone=PARIS, with_seconds=with_seconds)))
    assert dates[1:] == ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00", "2026-03-31T02:30:00+02:00"]


def test_a_date_that_autumn_has_twice_fires_at_the_first() -> None:
    assert following("30 2 * * *", "2026-10-25T00:00:00+02:00", zone=PARIS) == "2026-10-25T02:30:00+02:00"
    assert following("30 2 * * *", "2026-10-25T02:30:00+02:00", zone=PARIS) == "2026-10-26T02:30:00+01:00"
    assert following("30 2 * * *", "2026-10-25T02:10:00+01:00", zone=PARIS) == "2026-10-26T02:30:00+01:00"


def test_an_expression_of_every_few_minutes_follows_real_time() -> None:
    start = datetime.fromisoformat("2026-10-25T01:30:00+02:00").astimezone(UTC)
    fields = fields_of("*/30 * * * *", with_seconds=False)
    dates = [start]
    for _ in range(6):
        found = next_date(fields, dates[-1], zone=PARIS)
        assert found is not None
        dates.append(found)
    assert {later - earlier for earlier, later in pairwise(dates)} == {timedelta(minutes=30)}


def test_a_day_that_a_zone_left_out_fires_behind_it() -> None:
    assert following("0 12 * * *", "2011-12-29T12:00:00-10:00", zone=APIA) == "2011-12-31T00:00:00+14:00"
    assert following("0 12 * * *", "2011-12-31T00:00:00+14:00", zone=APIA) == "2011-12-31T12:00:00+14:00"


@pytest.mark.parametrize(
    ("cron", "before", "expected"),
    [
        ("0 2 * * *", "2026-07-02T02:00:00Z", "2026-07-01T02:00:00+00:00"),
        ("0 2 * * *", "2026-07-02T02:00:00.5Z", "2026-07-02T02:00:00+00:00"),
        ("*/15 * * * *", "2026-07-01T09:31:10Z", "2026-07-01T09:30:00+00:00"),
    ],
)
def test_the_previous_date(cron: str, before: str, expected: str) -> None:
    assert preceding(cron, before) == expected


def test_the_previous_date_knows_the_gap_too() -> None:
    assert preceding("30 2 * * *", "2026-03-29T03:30:00+02:00", zone=PARIS) == "2026-03-29T03:00:00+02:00"
    assert preceding("30 2 * * *", "2026-03-29T03:00:00+02:00", zone=PARIS) == "2026-03-28T02:30:00+01:00"


@pytest.mark.parametrize(
    ("cron", "with_seconds", "words"),
    [
        ("0 0 30 2 *", False, "day-of-month"),
        ("0 0 31 4 *", False, "day-of-month"),
        ("61 * * * *", False, "minute"),
        ("* * * *", False, "4 fields"),
        ("* * * * * *", False, "must have 5 fields"),
        ("* * * * *", True, "must have 6 fields"),
        ("@often", False, "1 fields"),
        ("", False, "0 fields"),
        ("* * * FOO *", False, "month"),
    ],
)
def test_an_expression_that_is_none_or_matches_no_date_is_refused(cron: str, with_seconds: bool, words: str) -> None:
    with pytest.raises(BadCron, match=words):
        fields_of(cron, with_seconds=with_seconds)


_CRONS = st.sampled_from(
    ["30 2 * * *", "0 */6 * * *", "*/7 * * * *", "15 3 * * 7", "0 0 1 * *", "59 23 31 12 *", "5 1,2,3 * * *"]
)
_ZONES = st.sampled_from([UTC_ZONE, PARIS, APIA, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])


@given(_CRONS, st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), _ZONES)
def test_dates_lie_strictly_behind_and_before(cron: str, instant: datetime, zone: ZoneInfo) -> None:
    fields = fields_of(cron, with_seconds=False)
    later, earlier = next_date(fields, instant, zone=zone), previous_date(fields, instant, zone=zone)
    assert later is not None
    assert earlier is not None
    assert earlier < instant < later
    between = next_date(fields, earlier, zone=zone)
    assert between is not None
    assert between >= instant, "the date after the previous one is now or later"
