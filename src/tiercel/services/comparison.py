"""Two executions of one flow beside each other: what was given, what ran, what is different."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from tiercel.model.execution import Execution
from tiercel.model.masking import STARS
from tiercel.model.sealed import opened
from tiercel.services.explanation import Comparison, Difference

AROUND = 2
"""Lines that are shown around one that differs."""
MOST_LINES = 200


def compared(
    now: Execution, good: Execution, *, sources: tuple[str, str], releases: tuple[str | None, str | None]
) -> Comparison:
    """`sources` and `releases` are those of the good one and of the other one."""
    return Comparison(
        execution_id=now.id,
        namespace=now.namespace,
        flow_id=now.flow_id,
        good_execution_id=good.id,
        good_ended=good.state.ended,
        good_duration=_seconds(good),
        duration=_seconds(now) if now.is_over else None,
        differences=tuple(_differences(now, good, releases)),
        diff=_diff(now, good, sources),
    )


def _seconds(execution: Execution) -> float | None:
    duration = execution.state.duration
    return None if duration is None else duration.total_seconds()


def _differences(now: Execution, good: Execution, releases: tuple[str | None, str | None]) -> Iterator[Difference]:
    if now.flow_revision != good.flow_revision:
        yield Difference("revision", good.flow_revision, now.flow_revision)
    if None not in releases and releases[0] != releases[1]:
        yield Difference("release", *releases)
    yield from _unequal("inputs", _masked(good.inputs), _masked(now.inputs))
    yield from _unequal("labels", _labels(good), _labels(now))
    before, after = (each.trigger and each.trigger.id for each in (good, now))
    if before != after:
        yield Difference("trigger", before, after)


def _masked(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    return opened(inputs, lambda _: STARS)


def _unequal(what: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    """Names whose values differ. An encrypted one is another text each time: only that it is there can be compared."""
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            yield Difference(f"{what}.{name}", before.get(name), now.get(name))


def _labels(execution: Execution) -> dict[str, str]:
    return {label.key: label.value for label in execution.labels if not label.key.startswith("system.")}


def _diff(now: Execution, good: Execution, sources: tuple[str, str]) -> tuple[str, ...]:
    names = (f"revision {each.flow_revision}" for each in (good, now))
    before, after = (source.splitlines() for source in sources)
    return tuple(difflib.unified_diff(before, after, *names, n=AROUND, lineterm=""))[:MOST_LINES]
