"""Functions that ask the calendar."""

import pytest
from tests.expression.rendered import refused, rendered


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("dayOfWeek('2025-01-06')", "MONDAY"),
        ("dayOfMonth('2025-01-31T23:30:00-05:00')", "31"),
        ("hourOfDay('2025-01-31T23:30:00-05:00')", "23"),
        ("isWeekend('2025-01-05')", "true"),
        ("isDayWeekInMonth('2025-01-13', 'MONDAY', 'SECOND')", "true"),
        ("isDayWeekInMonth('2025-01-13', 'MONDAY', 'FIRST')", "false"),
        ("isDayWeekInMonth('2025-01-31', 'friday', 'last')", "true"),
        ("isDayWeekInMonth('2025-01-24', 'FRIDAY', 'LAST')", "false"),
        ("isLastWorkingDay('2025-08-29')", "true"),
        ("isLastWorkingDay('2025-01-30', 'MONDAY THURSDAY')", "true"),
        ("isDateBetween('2026-01-01T00:00:00+02:00', '2025-12-31T21:00:00Z', '2025-12-31T23:00:00Z')", "true"),
        ("isDateBefore('2025-01-01T00:00:00Z', '2025-01-01T00:00:00Z')", "false"),
        ("isDateAfter('2025-01-02T00:00:00Z', '2025-01-01T00:00:00Z')", "true"),
    ],
)
def test_the_calendar_is_asked(call: str, expected: str) -> None:
    assert rendered(f"{{{{ {call} }}}}") == expected


@pytest.mark.parametrize(
    "call",
    [
        "dayOfWeek()",
        "dayOfWeek('nope')",
        "isDayWeekInMonth('2025-01-06', 'MONDAY', 'FIFTH')",
        "isDayWeekInMonth('2025-01-06', 'BLURSDAY', 'FIRST')",
        "isLastWorkingDay('2025-01-31', 'FUNDAY')",
        "isDateBetween('2026-03-01T00:00:00', '2025-12-31T23:59:59Z', '2026-06-30T23:59:59Z')",
    ],
)
def test_what_is_no_date_or_day_is_refused(call: str) -> None:
    assert refused(f"{{{{ {call} }}}}").kind == "argument"
