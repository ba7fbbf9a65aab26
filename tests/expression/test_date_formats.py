"""Dates by every named format and letter: written, and read by `existingFormat`."""

import pytest
from tests.expression.rendered import refused, rendered

MOMENT = "2025-01-06T09:05:03.120456Z"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("G GGGG GGGGG", "AD Anno Domini A"),
        ("u uu uuuu y yy yyyy Y YYYY", "2025 25 2025 2025 25 2025 2025 2025"),
        ("M MM MMM MMMM MMMMM L LL LLL LLLL", "1 01 Jan January J 1 01 Jan January"),
        ("d dd D DD DDD", "6 06 6 06 006"),
        ("Q QQ QQQ QQQQ q qq", "1 01 Q1 1st quarter 1 01"),
        ("w ww W", "2 02 2"),
        ("E EE EEE EEEE EEEEE e ee eee eeee c", "Mon Mon Mon Monday M 2 02 Mon Monday 2"),
        ("a h hh K KK k kk H HH", "AM 9 09 9 09 9 09 9 09"),
        ("m mm s ss", "5 05 3 03"),
        ("S SSS SSSSSS SSSSSSSSS", "1 120 120456 120456000"),
        ("A n N", "32703120 120456000 32703120456000"),
        ("'at' '' [x]", "at ' +00"),
    ],
)
def test_every_letter_is_written(pattern: str, expected: str) -> None:
    assert rendered("{{ moment | date(pattern) }}", moment=MOMENT, pattern=pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("VV z zzzz", "Asia/Kolkata IST India Standard Time"),
        ("O OOOO", "GMT+5:30 GMT+05:30"),
        ("X XX XXX x xx xxx", "+0530 +0530 +05:30 +0530 +0530 +05:30"),
        ("Z ZZZZ ZZZZZ", "+0530 GMT+05:30 +05:30"),
    ],
)
def test_every_letter_of_zones_is_written(pattern: str, expected: str) -> None:
    assert rendered("{{ m | date(p, timeZone='Asia/Kolkata') }}", m=MOMENT, p=pattern) == expected


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("fr_FR", "lundi 6 janvier 2025"),
        ("de", "Montag 6 Januar 2025"),
        ("es-ES", "lunes 6 enero 2025"),
        ("ja", "月曜日 6 1月 2025"),
        ("pt_BR", "segunda-feira 6 janeiro 2025"),
    ],
)
def test_names_follow_the_locale(locale: str, expected: str) -> None:
    assert rendered("{{ m | date('EEEE d MMMM yyyy', locale=locale) }}", m=MOMENT, locale=locale) == expected


@pytest.mark.parametrize(
    ("text", "existing", "expected"),
    [
        ("2024-01-01 10:00:00", "sql_sec", "2024-01-01T10:00:00Z"),
        ("2024-01-01 10:00:00.500000", "sql", "2024-01-01T10:00:00Z"),
        ("Mon, 6 Jan 2025 14:15:30 +0100", "rfc_1123_date_time", "2025-01-06T13:15:30Z"),
        ("6 Jan 2025 14:15:30 GMT", "rfc_1123_date_time", "2025-01-06T14:15:30Z"),
        ("2025-032", "iso_ordinal_date", "2025-02-01T00:00:00Z"),
        ("20250106", "basic_iso_date", "2025-01-06T00:00:00Z"),
        ("2025-01-06", "iso_date", "2025-01-06T00:00:00Z"),
        ("2025-01-06T10:00+02:00[Europe/Athens]", "iso_zoned_date_time", "2025-01-06T08:00:00Z"),
        ("1/6/25, 2:15 PM", "short", "2025-01-06T14:15:00Z"),
        ("2024-01-01", "yyyy-MM-dd[ HH:mm[:ss]]", "2024-01-01T00:00:00Z"),
        ("2024-01-01 10:05", "yyyy-MM-dd[ HH:mm[:ss]]", "2024-01-01T10:05:00Z"),
        ("2024-01-01 10:05:07", "yyyy-MM-dd[ HH:mm[:ss]]", "2024-01-01T10:05:07Z"),
        ("20250106T141530Z", "yyyyMMdd'T'HHmmssX", "2025-01-06T14:15:30Z"),
        ("12/31/99 11:05 PM", "MM/dd/yy hh:mm a", "2099-12-31T23:05:00Z"),
        ("2025 006", "yyyy DDD", "2025-01-06T00:00:00Z"),
        ("06Jan2025", "ddMMMyyyy", "2025-01-06T00:00:00Z"),
    ],
)
def test_a_text_is_read_by_its_format(text: str, existing: str, expected: str) -> None:
    assert rendered("{{ t | date('iso_sec', existingFormat=f) }}", t=text, f=existing) == expected


def test_names_are_read_in_the_language_that_is_named() -> None:
    template = "{{ '6 janvier 2025' | date('iso_local_date', existingFormat='d MMMM yyyy', locale='fr_FR') }}"
    assert rendered(template) == "2025-01-06"


@pytest.mark.parametrize(
    ("template", "kind"),
    [
        ("{{ '2024-13-01' | date('yyyy') }}", "parse"),
        ("{{ '2024-01-01 10:00' | date('yyyy') }}", "parse"),
        ("{{ '31/12/2024' | date('yyyy', existingFormat='MM/dd/yyyy') }}", "parse"),
        ("{{ '12:30' | date('HH', existingFormat='HH:mm') }}", "parse"),
        ("{{ true | date }}", "type"),
        ("{{ 1.5 | date }}", "type"),
        ("{{ [1] | date }}", "type"),
        ("{{ '2024-01-01' | date('b') }}", "value"),
        ("{{ '2024-01-01' | date(\"yyyy'\") }}", "value"),
        ("{{ '2024-01-01' | date('yyyy', timeZone='Mars/Base') }}", "value"),
        ("{{ '2024-01-01' | date('yyyy', locale='klingon_QX') }}", "value"),
        ("{{ '2024-01-01' | date(5) }}", "argument"),
        ("{{ '2024-01-01' | date(nope='x') }}", "argument"),
        ("{{ '2024-01-01' | dateAdd(1, 'days') }}", "value"),
        ("{{ '2024-01-01' | dateAdd('1', 'DAYS') }}", "type"),
        ("{{ '2024-01-01' | dateAdd(1) }}", "type"),
        ("{{ '2024-01-01' | dateAdd(99999999, 'YEARS') }}", "value"),
    ],
)
def test_what_is_no_date_is_refused(template: str, kind: str) -> None:
    assert refused(template).kind == kind


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (1, "NANOS", "2025-01-06T09:05:03.120456Z"),
        (1500, "MICROS", "2025-01-06T09:05:03.121956Z"),
        (880, "MILLIS", "2025-01-06T09:05:04.000456Z"),
        (-3, "SECONDS", "2025-01-06T09:05:00.120456Z"),
        (60, "MINUTES", "2025-01-06T10:05:03.120456Z"),
        (24, "HOURS", "2025-01-07T09:05:03.120456Z"),
        (1, "HALF_DAYS", "2025-01-06T21:05:03.120456Z"),
        (-6, "DAYS", "2024-12-31T09:05:03.120456Z"),
        (2, "WEEKS", "2025-01-20T09:05:03.120456Z"),
        (1, "MONTHS", "2025-02-06T09:05:03.120456Z"),
        (-1, "YEARS", "2024-01-06T09:05:03.120456Z"),
        (1, "DECADES", "2035-01-06T09:05:03.120456Z"),
        (1, "CENTURIES", "2125-01-06T09:05:03.120456Z"),
        (1, "MILLENNIA", "3025-01-06T09:05:03.120456Z"),
    ],
)
def test_every_unit_can_be_added(amount: int, unit: str, expected: str) -> None:
    assert rendered("{{ m | dateAdd(amount, unit) }}", m=MOMENT, amount=amount, unit=unit) == expected


def test_a_gap_moves_on_and_an_overlap_is_its_earlier_part() -> None:
    paris = "{{ t | date('iso_sec', timeZone='Europe/Paris') }}"
    assert rendered(paris, t="2025-03-30T02:30:00") == "2025-03-30T03:30:00+02:00"
    assert rendered(paris, t="2025-10-26T02:30:00") == "2025-10-26T02:30:00+02:00"
