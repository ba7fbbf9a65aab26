"""`io.kestra.plugin.core.trigger.ScheduleOnDates`: starts executions at dates that are written down."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, field_validator

from tiercel.plugins.trigger.zones import text_of, without_zone_name, zone_named
from tiercel.sdk import Raw, SchedulableTrigger


class ScheduleOnDates(SchedulableTrigger, type="io.kestra.plugin.core.trigger.ScheduleOnDates"):
    """Start an execution at each of some dates, once."""

    example = """
        id: release_days
        namespace: company.team
        tasks:
          - id: hello
            type: io.kestra.plugin.core.log.Log
            message: "It is {{ trigger.date }}"
        triggers:
          - id: releases
            type: io.kestra.plugin.core.trigger.ScheduleOnDates
            timezone: Europe/Paris
            dates:
              - "2027-01-15T09:00:00+01:00"
              - "2027-04-15T09:00:00"
    """

    is_date_shown = True

    dates: Raw[Annotated[list[Annotated[datetime, BeforeValidator(without_zone_name)]], Field(min_length=1)]]
    """The dates; one without an offset is meant in `timezone`."""
    timezone: Raw[str | None] = None
    """The time zone of the dates by its IANA name; the server's where nothing is said."""

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone_named(name)
        return name

    def next_date(self, after: datetime, *, zone: ZoneInfo) -> datetime | None:
        return min((date for date in self._dates(zone) if date > after), default=None)

    def previous_date(self, before: datetime, *, zone: ZoneInfo) -> datetime | None:
        return max((date for date in self._dates(zone) if date < before), default=None)

    def variables(self, date: datetime, *, zone: ZoneInfo) -> dict[str, Any]:
        return {"date": text_of(date.astimezone(self._own_zone(zone)))}

    def _dates(self, zone: ZoneInfo) -> list[datetime]:
        own = self._own_zone(zone)
        return [date.astimezone(own) if date.tzinfo else date.replace(tzinfo=own) for date in self.dates]

    def _own_zone(self, zone: ZoneInfo) -> ZoneInfo:
        return zone if self.timezone is None else zone_named(self.timezone)
