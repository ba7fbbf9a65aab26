"""The types of inputs: what each is for, what it takes and keeps, and which properties are its own.

Checking asks here which properties an input may have; the reference page is made from it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from tiercel.model.flow import InputType

T = InputType


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is to know of a type."""

    meaning: str
    given: Any = None
    """An example of a value, as a form or a call gives it."""
    kept: Any = None
    """What the execution keeps of it."""
    properties: tuple[str, ...] = ()
    """The properties that only some types have, by the names they have in a flow."""
    instead: InputType | None = None
    """The type that took the place of one of old."""


_BOUNDS, _DATES = ("min", "max"), ("after", "before")
_CHOICE = ("values", "options", "expression", "allowCustomValue", "autoSelectFirst")

INPUT_TYPES: Mapping[InputType, About] = {
    T.STRING: About(meaning="Any text.", given="Graz", kept="Graz", properties=("validator",)),
    T.INT: About(meaning="A whole number of 32 bits.", given="42", kept=42, properties=_BOUNDS),
    T.FLOAT: About(meaning="A number, kept with 32 bits.", given="42.5", kept=42.5, properties=_BOUNDS),
    T.BOOL: About(meaning="`true` or `false`, in any letters, and nothing else.", given="true", kept=True),
    T.BOOLEAN: About(meaning="The same, of 1.x.", given="false", kept=False, instead=T.BOOL),
    T.SELECT: About(
        meaning="One value of a list. Forms show a menu, or with `isRadio` buttons.",
        given="small",
        kept="small",
        properties=(*_CHOICE, "isRadio"),
    ),
    T.ENUM: About(
        meaning="The same, of old.", given="small", kept="small", properties=(*_CHOICE, "isRadio"), instead=T.SELECT
    ),
    T.MULTISELECT: About(
        meaning="Some values of a list, as a list or its JSON text.",
        given='["S", "M"]',
        kept=["S", "M"],
        properties=(*_CHOICE, "itemType"),
    ),
    T.DATETIME: About(
        meaning="A moment: date and time with an offset. Kept in UTC.",
        given="2026-03-01T12:00:00+01:00",
        kept="2026-03-01T11:00:00Z",
        properties=_DATES,
    ),
    T.DATE: About(meaning="A date.", given="2026-03-01", kept="2026-03-01", properties=_DATES),
    T.TIME: About(meaning="A time of day, seconds optional.", given="18:30", kept="18:30:00", properties=_DATES),
    T.DURATION: About(meaning="A span of time, in ISO-8601.", given="P1DT1M", kept="PT24H1M", properties=_BOUNDS),
    T.FILE: About(
        meaning="A file: uploaded, or the URI of one in internal storage (`kestra:///`) or in the namespace (`nsfile:///`).",
        given="nsfile:///rows.csv",
        kept="nsfile:///rows.csv",
        properties=("extension", "accept", "allowedFileExtensions"),
    ),
    T.JSON: About(meaning="Any JSON, as data or as text.", given='{"a": [1]}', kept={"a": [1]}),
    T.YAML: About(meaning="Any YAML, as data or as text.", given="a: [1]", kept={"a": [1]}),
    T.URI: About(meaning="An address with its scheme.", given="https://example.org/a", kept="https://example.org/a"),
    T.EMAIL: About(meaning="An e-mail address, or nothing.", given="ann@example.org", kept="ann@example.org"),
    T.SECRET: About(
        meaning="A text that is kept encrypted and is starred in logs; the server needs an encryption key.",
        properties=("validator",),
    ),
    T.ARRAY: About(
        meaning="A list, or its JSON text, with entries of one type.",
        given="[1, 2]",
        kept=[1, 2],
        properties=("itemType",),
    ),
    T.FORM: About(
        meaning="A group: has no value of its own, its inputs are named `group.name`. Groups are not nested.",
        properties=("inputs",),
    ),
    T.REUSABLE_INPUTS: About(
        meaning="Of the commercial edition of the original: read, and refused when an execution begins.",
        properties=("ref", "namespace", "revision"),
    ),
}


def own_properties() -> frozenset[str]:
    """The properties that not every input has."""
    return frozenset(name for about in INPUT_TYPES.values() for name in about.properties)
