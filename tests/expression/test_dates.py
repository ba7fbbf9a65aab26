"""Dates: read from anything, written by name or pattern, moved by calendar or clock."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.expression.rendered import refused, rendered, typed

DAY = datetime(2013, 9, 8, 15, 19, 12, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yy-M-d", "13-9-8"),
        ("EEE, MMM", "Sun, Sep"),
        ("EEEEE MMMMM", "S S"),
        ("D Q qqq", "251 3 Q3"),
        ("G u", "AD 2013"),
        ("e c", "1 1"),
        ("w W", "37 2"),
        ("h K k H a", "3 3 15 15 PM"),
        ("n N A", "123456000 55152123456000 55152123"),
        ("X x xx XXX Z ZZZZZ OOOO", "Z +00 +0000 Z +0000 Z GMT"),
        ("'it''s' ''y", "it's '2013"),
        ("[yyyy]", "2013"),
    ],
)
def test_a_pattern_writes(pattern: str, expected: str) -> None:
    assert rendered("{{ d | date(p) }}", d=DAY, p=pattern) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("iso_date_time", "2013-09-08T17:19:12.123456+02:00[Europe/Paris]"),
        ("iso_week_date", "2013-W36-7+02:00"),
        ("rfc_1123_date_time", "Sun, 8 Sep 2013 17:19:12 +0200"),
        ("short", "9/8/13, 5:19\u202fPM"),
        ("full", "Sunday, September 8, 2013, 5:19:12\u202fPM Central European Summer Time"),
    ],
)
def test_a_name_writes(name: str, expected: str) -> None:
    assert rendered("{{ d | date(n, timeZone='Europe/Paris') }}", d=DAY, n=name) == expected


def test_the_language_of_names_can_be_chosen() -> None:
    assert rendered("{{ d | date('EEEE d MMMM', locale='fr_FR') }}", d=DAY) == "dimanche 8 septembre"
    assert rendered(
        "{{ 'dimanche 8 septembre 2013' | date('iso_date', existingFormat='EEEE d MMMM yyyy', locale='fr') }}"
    ) == ("2013-09-08Z")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (date(2024, 2, 29), "2024-02-29T12:00:00Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z"),
        ("2024-01-01T10:00", "2024-01-01T10:00:00Z"),
        ("2024-01-01T00:00:00+01:00[Europe/Paris]", "2023-12-31T23:00:00Z"),
    ],
)
def test_any_kind_of_date_is_read(value: object, expected: str) -> None:
    assert rendered("{{ v | date('iso_sec') }}", v=value) == expected


@pytest.mark.parametrize("value", ["2024-13-01", "2024-01-01 10:00:00", "x", "2024-02-30"])
def test_what_is_no_date_is_a_parse_error(value: str) -> None:
    assert refused("{{ v | date }}", {"v": value}).kind == "parse"


@pytest.mark.parametrize("pattern", ["yyyy'", "b", "VVV", "SSSSSSSSSS"])
def test_what_is_no_pattern_is_a_value_error(pattern: str) -> None:
    assert refused("{{ d | date(p) }}", {"d": DAY, "p": pattern}).kind == "value"


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        ("2024-01-31", 1, "MONTHS", "2024-02-29T00:00:00+01:00"),
        ("2024-03-30T12:00", 1, "DAYS", "2024-03-31T12:00:00+02:00"),
        ("2024-03-30T12:00", 24, "HOURS", "2024-03-31T13:00:00+02:00"),
        ("2024-12-31", -1, "DECADES", "2014-12-31T00:00:00+01:00"),
    ],
)
def test_days_follow_the_calendar_and_hours_the_clock(start: str, amount: int, unit: str, expected: str) -> None:
    template = "{{ v | dateAdd(a, u, 'iso_sec', 'Europe/Paris') }}"
    assert rendered(template, v=start, a=amount, u=unit) == expected


def test_a_gap_moves_on_and_an_overlap_is_the_earlier_one() -> None:
    template = "{{ v | date('iso_sec', timeZone='Europe/Paris') }}"
    assert rendered(template, v="2024-03-31T02:30:00") == "2024-03-31T03:30:00+02:00"
    assert rendered(template, v="2024-10-27T02:30:00") == "2024-10-27T02:30:00+02:00"


def test_dates_outside_the_calendar_are_an_error() -> None:
    assert refused("{{ d | dateAdd(9, 'MILLENNIA') }}", {"d": DAY}).kind == "value"
    assert refused("{{ 99999999999999 | date }}").kind == "value"


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))
def test_a_written_date_is_read_back(moment: datetime) -> None:
    pattern = "yyyyMMdd'T'HHmmss.SSSSSS"
    assert typed("{{ v | date(p) | date('iso_local_date_time', existingFormat=p) }}", v=moment, p=pattern) == (
        typed("{{ v | date('iso_local_date_time') }}", v=moment)
    )


def test_timestamps_count_from_1970() -> None:
    template = "{{ d | timestamp }} {{ d | timestampMilli }} {{ d | timestampMicro }} {{ d | timestampNano }}"
    assert rendered(template, d=DAY) == "1378653552 1378653552123 1378653552123456 1378653552123456000"


def test_two_digits_of_a_year_are_of_this_century() -> None:
    assert rendered("{{ '31.12.24' | date('iso_local_date', existingFormat='dd.MM.yy') }}") == "2024-12-31"


@pytest.mark.parametrize(("text", "hour"), [("12 AM", "00"), ("11 AM", "11"), ("12 PM", "12"), ("1 PM", "13")])
def test_hours_of_half_a_day_are_read(text: str, hour: str) -> None:
    template = "{{ v | date('HH', existingFormat='yyyy-MM-dd h a') }}"
    assert rendered(template, v=f"2024-01-01 {text}") == hour
