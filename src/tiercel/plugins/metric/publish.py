"""`io.kestra.plugin.core.metric.Publish`: reports numbers of the author's own."""

from typing import Any, Literal

from tiercel.sdk import Output, Properties, RunContext, Task, TaskFailed, parse_duration


class Metric(Properties):
    """One number."""

    type: Literal["counter", "timer", "gauge"]
    """A count that adds up, a duration, or a value as it is now."""
    name: str
    """Its name."""
    value: float | str
    """A number; for a timer a duration, as ISO-8601 text or in seconds."""
    description: str | None = None
    """What it tells, for readers of the flow."""
    tags: dict[str, str] = {}
    """What tells it from others of its name."""


class PublishOutput(Output, frozen=True):
    metrics: list[dict[str, Any]]
    """What was reported: `type`, `name`, `value` and `tags`; a timer in seconds."""


class Publish(Task[PublishOutput], type="io.kestra.plugin.core.metric.Publish", instant=True):
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

    metrics: list[Metric] = []
    """The numbers to report."""

    async def run(self, ctx: RunContext) -> PublishOutput:
        ways = {"counter": ctx.counter, "gauge": ctx.gauge, "timer": ctx.timer}
        reported: list[dict[str, Any]] = []
        for metric in self.metrics:
            value = _seconds(metric) if metric.type == "timer" else _number(metric)
            ways[metric.type](metric.name, value, **metric.tags)
            reported.append({"type": metric.type, "name": metric.name, "value": value, "tags": metric.tags})
        return PublishOutput(metrics=reported)


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
