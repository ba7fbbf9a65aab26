"""Lines by which a script talks to the server: `::{"outputs": …, "metrics": …, "logs": …}::`, the whole line."""

import json
import re
from typing import Any, cast

from tiercel.sdk import RunContext

_LINE = re.compile(r"::(\{.*\})::")


class Messages:
    """Acts on protocol lines and collects what they put out."""

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self.vars: dict[str, Any] = {}

    def take(self, line: str) -> bool:
        """Whether the line was one of the protocol; it is then dealt with, and no log line."""
        found = _LINE.fullmatch(line)
        if found is None:
            return False
        message = _object(found[1])
        if message is None:
            self._ctx.log.warning("Invalid outputs: the text between :: and :: is no JSON object")
        else:
            self._act(message)
        return True

    def _act(self, message: dict[str, Any]) -> None:
        outputs = message.get("outputs")
        if isinstance(outputs, dict):
            self.vars.update(cast(dict[str, Any], outputs))
        for metric in _objects(message.get("metrics")):
            self._report(metric)
        for entry in _objects(message.get("logs")):
            self._ctx.log.at(str(entry.get("level", "INFO")).upper())(str(entry.get("message", "")))

    def _report(self, metric: dict[str, Any]) -> None:
        name, tags = str(metric.get("name", "")), _tags(metric.get("tags"))
        try:
            value = float(metric.get("value", 0))
        except (TypeError, ValueError):
            self._ctx.log.warning(f"metric {name!r} has no number as its value")
            return
        match metric.get("type"):
            case "timer":
                self._ctx.timer(name, value, **tags)
            case "gauge":
                self._ctx.gauge(name, value, **tags)
            case _:
                self._ctx.counter(name, value, **tags)


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return cast(dict[str, Any], value) if isinstance(value, dict) else None


def _objects(value: Any) -> list[dict[str, Any]]:
    members = cast(list[Any], value) if isinstance(value, list) else []
    return [cast(dict[str, Any], member) for member in members if isinstance(member, dict)]


def _tags(value: Any) -> dict[str, str]:
    tags = cast(dict[Any, Any], value) if isinstance(value, dict) else {}
    return {str(key): str(tag) for key, tag in tags.items() if str(key) not in ("name", "value", "seconds")}
