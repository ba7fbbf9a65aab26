"""What a search asks for: conditions on fields, joined by and, or. The wire form is the API's; each store says what it can."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tiercel.model.errors import TiercelError


class Operator(StrEnum):
    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    GREATER_THAN = "GREATER_THAN"
    LESS_THAN = "LESS_THAN"
    GREATER_THAN_OR_EQUAL_TO = "GREATER_THAN_OR_EQUAL_TO"
    LESS_THAN_OR_EQUAL_TO = "LESS_THAN_OR_EQUAL_TO"
    IN = "IN"
    NOT_IN = "NOT_IN"
    STARTS_WITH = "STARTS_WITH"
    ENDS_WITH = "ENDS_WITH"
    CONTAINS = "CONTAINS"
    REGEX = "REGEX"
    PREFIX = "PREFIX"
    """A namespace itself, or its children."""


Value = str | datetime | tuple[str, ...] | dict[str, str]
"""A text, an instant, a list for IN and NOT_IN, keys and values for labels."""


class Filter(msgspec.Struct, frozen=True):
    """One condition: `field` as the API names it (`namespace`, `startDate` …)."""

    field: str
    operator: Operator
    value: Value


class AnyOf(msgspec.Struct, frozen=True):
    """At least one of these."""

    of: "tuple[Condition, ...]"


class AllOf(msgspec.Struct, frozen=True):
    """Each of these."""

    of: "tuple[Condition, ...]"


Condition = Filter | AnyOf | AllOf
Filters = tuple[Condition, ...]
"""Top level: each of them."""


class BadFilters(TiercelError):
    """Fields or operators a store does not know; all of them at once."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
