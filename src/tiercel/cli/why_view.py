"""The story of an execution on one screen."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tiercel.cli.message import readable

Story = dict[str, Any]
LONGEST = 160
"""Characters of a value on one line."""


def as_text(story: Story) -> str:
    """What matters most comes first."""
    return "\n".join(_lines(story))


def _lines(story: Story) -> Iterator[str]:
    yield f"{story['executionId']}  {story['namespace']}.{story['flowId']} revision {story['flowRevision']}"
    yield story["summary"]
    if failure := story.get("failure"):
        yield from _failure(failure)
    yield from _titled("it waits:", map(_wait, story.get("waits", ())))
    yield from _titled("what happened to it:", map(_fact, story.get("facts", ())))
    for comparison in story.get("comparisons", ()):
        yield from _comparison(comparison)


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Nothing where there are no lines."""
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


# The task ---------------------------------------------------------------------------------------------------------------


def _failure(failure: Story) -> Iterator[str]:
    yield ""
    for depth, hop in enumerate(failure["path"]):
        yield f"{'  ' * depth}✗ {_hop(hop)}"
    last = failure["path"][-1]
    yield from _titled("error:", (failure.get("error") or "").splitlines())
    yield from _titled("attempts:", map(_attempt, failure.get("attempts", ())))
    yield from _titled(
        "last lines:",
        (f"{_time(line['at'])} {line['level']} {readable(line['message'])}" for line in failure.get("lines", ())),
    )
    yield from _titled(f"{failure['type']} was given:", _properties(failure))
    if source := failure.get("source"):
        title = f"{last['namespace']}.{last['flowId']} revision {last['flowRevision']}, line {source['line']}:"
        numbered = enumerate(source["lines"], start=source["line"])
        yield from _titled(title, (f"{number:>4} | {text}" for number, text in numbered))


def _hop(hop: Story) -> str:
    value = f" [{hop['value']}]" if "value" in hop else ""
    item = f" (iteration {hop['item']})" if "item" in hop else ""
    where = f"{hop['namespace']}.{hop['flowId']}{item}, execution {hop['executionId']}"
    return f"{hop['taskId']}{value} {hop['state']} in {where}"


def _attempt(attempt: Story) -> str:
    worker = f" on {attempt['workerId']}" if "workerId" in attempt else ""
    ended = f" … {_time(attempt['ended'])}" if "ended" in attempt else ""
    return f"{attempt['number']}: {attempt['state']}  {_time(attempt['began'])}{ended}{worker}"


def _properties(failure: Story) -> Iterator[str]:
    for given in failure.get("properties", ()):
        if "error" in given:
            yield f"{given['name']}: cannot be rendered: {given['error']}"
        else:
            yield f"{given['name']}: {_value(given.get('value'))}"
        if asked := given.get("askedAgain"):
            yield f"    asked again just now: {', '.join(asked)}"
    if reason := failure.get("notRendered"):
        yield f"not known: {reason}"


# The execution ----------------------------------------------------------------------------------------------------------


def _wait(wait: Story) -> str:
    value = f" [{wait['value']}]" if "value" in wait else ""
    who = f"{wait['taskId']}{value}: " if "taskId" in wait else ""
    since = f", since {_moment(wait['since'])}" if "since" in wait else ""
    until = f", until {_moment(wait['until'])}" if "until" in wait else ""
    ids = ", ".join(wait.get("executionIds", ()))
    others = f"; {'see' if 'taskId' in wait else 'held by'} {ids}" if ids else ""
    return f"{who}{wait['message']}{since}{until}{others}"


def _fact(fact: Story) -> str:
    return f"{_time(fact['at'])} {fact['message']}" if "at" in fact else fact["message"]


def _comparison(comparison: Story) -> Iterator[str]:
    name, good = f"{comparison['namespace']}.{comparison['flowId']}", comparison["goodExecutionId"]
    title = f"since {good}, the last good execution of {name}:"
    yield from _titled(title, _differences(comparison))


def _differences(comparison: Story) -> Iterator[str]:
    differences = comparison.get("differences", ())
    for each in differences:
        yield f"{each['what']}: {_value(each.get('before'))} → {_value(each.get('now'))}"
    if not differences:
        yield "revision, inputs, labels and release are the same"
    if "duration" in comparison and "goodDuration" in comparison:
        yield f"it took {comparison['duration']:.1f} s, and {comparison['goodDuration']:.1f} s then"
    yield from comparison.get("diff", ())


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if "\n" in text:
        return "|\n" + "\n".join(f"      {line}" for line in text.splitlines())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _time(instant: str) -> str:
    return instant[11:23].rstrip("Z")


def _moment(instant: str) -> str:
    return instant[:19].replace("T", " ")
