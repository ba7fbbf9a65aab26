"""`io.kestra.plugin.core.trigger.Schedule`: starts executions at the dates of a cron expression."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator

from tiercel.plugins.trigger import cron
from tiercel.plugins.trigger.zones import text_of, zone_named
from tiercel.sdk import InvalidProperty, Raw, SchedulableTrigger


class Schedule(SchedulableTrigger, type="io.kestra.plugin.core.trigger.Schedule"):
    """Start an execution at each date of a cron expression."""

    example = """
        id: every_morning
        namespace: company.team
        tasks:
          - id: hello
            type: io.kestra.plugin.core.log.Log
            message: "It is {{ trigger.date }}"
        triggers:
          - id: morning
            type: io.kestra.plugin.core.trigger.Schedule
            cron: "30 7 * * MON-FRI"
            timezone: Europe/Paris
    """

    with_seconds: Raw[bool] = False
    """The expression has six fields, the first one for seconds."""
    cron: Raw[str]
    """Minute, hour, day, month and weekday; or one of @yearly, @monthly, @weekly, @daily, @hourly."""
    timezone: Raw[str | None] = None
    """The time zone of the dates by its IANA name; the server's where nothing is said."""
    schedule_conditions: Annotated[list[dict[str, Any]], Field(deprecated="write `when`")] = []
    """Old form of `when`: conditions that must all hold for a date."""
    backfill: Annotated[dict[str, Any] | None, Field(deprecated="it has no effect: start a backfill by API or UI")] = (
        None
    )
    """Has no effect any more."""

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone_named(name)
        return name

    @field_validator("cron")
    @classmethod
    def _has_dates(cls, expression: str, info: ValidationInfo) -> str:
        try:
            cron.fields_of(expression, with_seconds=info.data.get("with_seconds", False))
        except cron.BadCron as error:
            legacy = f"invalid cron expression '{expression}': {error}"
            raise InvalidProperty(f"`{expression}` is no cron expression: {error}", legacy=legacy) from None
        return expression

    def next_date(self, after: datetime, *, zone: ZoneInfo) -> datetime | None:
        found = cron.next_date(self._fields(), after, zone=self._own_zone(zone))
        return None if found is None else found.astimezone(self._own_zone(zone))

    def previous_date(self, before: datetime, *, zone: ZoneInfo) -> datetime | None:
        found = cron.previous_date(self._fields(), before, zone=self._own_zone(zone))
        return None if found is None else found.astimezone(self._own_zone(zone))

    def variables(self, date: datetime, *, zone: ZoneInfo) -> dict[str, Any]:
        dates = {
            "date": date.astimezone(self._own_zone(zone)),
            "next": self.next_date(date, zone=zone),
            "previous": self.previous_date(date, zone=zone),
        }
        return {name: text_of(value) for name, value in dates.items() if value is not None}

    def _fields(self) -> str:
        return cron.fields_of(self.cron, with_seconds=self.with_seconds)

    def _own_zone(self, zone: ZoneInfo) -> ZoneInfo:
        return zone if self.timezone is None else zone_named(self.timezone)
