"""`io.kestra.plugin.core.metric.Publish`: reports numbers of the author's own."""

from typing import Literal

from pydantic import Field

from tiercel.sdk import NoOutput, Properties, RunContext, Task, TaskFailed, parse_duration


class Metric(Properties):
    """One number."""

    type: Literal["counter", "timer", "gauge"]
    """A count that adds up, a duration, or a value as it is now."""
    name: str
    """Its name."""
    value: float | str
    """A number; for a timer a duration, as ISO-8601 text or in seconds."""
    tags: dict[str, str] = {}
    """What tells it from others of its name."""


class Publish(Task[NoOutput], type="io.kestra.plugin.core.metric.Publish", instant=True):
    """Report numbers, to be seen beside those that tasks report by themselves."""

    example = """
        id: report
        namespace: company.team
        tasks:
          - id: numbers
            type: io.kestra.plugin.core.metric.Publish
            metrics:
              - type: counter
                name: orders
                value: 42
                tags:
                  country: de
              - type: timer
                name: import
                value: PT1M30S
    """

    metrics: list[Metric] = Field(min_length=1)
    """The numbers to report."""

    async def run(self, ctx: RunContext) -> None:
        for metric in self.metrics:
            match metric.type:
                case "counter":
                    ctx.counter(metric.name, _number(metric), **metric.tags)
                case "gauge":
                    ctx.gauge(metric.name, _number(metric), **metric.tags)
                case "timer":
                    ctx.timer(metric.name, _seconds(metric), **metric.tags)


def _number(metric: Metric) -> float:
    try:
        return float(metric.value)
    except ValueError:
        raise TaskFailed(f"the value of the {metric.type} `{metric.name}` must be a number") from None


def _seconds(metric: Metric) -> float:
    try:
        return parse_duration(metric.value).total_seconds()
    except ValueError as error:
        raise TaskFailed(f"the value of the timer `{metric.name}` is wrong: {error}") from None
