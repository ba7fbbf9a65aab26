"""Lines by which a script talks to the server: `::{"outputs": …, "metrics": …, "logs": …}::`, the whole line.

What `encryptedOutputs` gives is kept encrypted, and clear to expressions of other tasks.
"""

import json
import re
from datetime import timedelta
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from tiercel.sdk import Duration, RunContext

_LINE = re.compile(r"::(\{.*\})::")
_LEVELS = {"TRACE": "TRACE", "DEBUG": "DEBUG", "INFO": "INFO", "WARN": "WARN", "WARNING": "WARN", "ERROR": "ERROR"}
_SECONDS: TypeAdapter[timedelta] = TypeAdapter(Duration)
_NOT_TAGS = frozenset({"name", "value", "seconds"})
"""Names that the ways to report a metric have for themselves."""


class Messages:
    """Acts on protocol lines and collects what they put out."""

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self.vars: dict[str, Any] = {}

    def take(self, line: str) -> bool:
        """Whether the line was one of the protocol; it is then dealt with, and no log line."""
        if not line.startswith("::{"):
            return False
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
        secrets = message.get("encryptedOutputs")
        if isinstance(secrets, dict):
            given = cast(dict[str, Any], secrets)
            self.vars.update({name: self._ctx.encrypt(_words(value)) for name, value in given.items()})
        for metric in _objects(message.get("metrics")):
            self._report(metric)
        for entry in _objects(message.get("logs")):
            level = _LEVELS.get(str(entry.get("level")).upper(), "INFO")
            self._ctx.log.at(level)(_words(entry.get("message")))

    def _report(self, metric: dict[str, Any]) -> None:
        name, kind, value, tags = metric.get("name"), metric.get("type"), metric.get("value"), _tags(metric.get("tags"))
        try:
            match kind:
                case "counter":
                    self._ctx.counter(str(name), _number(value), **tags)
                case "timer":
                    self._ctx.timer(str(name), _seconds(value), **tags)
                case "gauge":
                    self._ctx.gauge(str(name), _number(value), **tags)
                case _:
                    self._ctx.log.warning(f"metric {name!r} has type {kind!r}; there are counter, timer and gauge")
        except ValueError:
            self._ctx.log.warning(f"metric {name!r} has the value {value!r}, which is no {_wanted(kind)}")


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text, parse_constant=_nothing)
    except (ValueError, RecursionError):
        return None
    return cast(dict[str, Any], value) if isinstance(value, dict) else None


def _nothing(_: str) -> None:
    """NaN and Infinity, which Python writes and JSON does not know: pandas has them for what is missing."""


def _objects(value: Any) -> list[dict[str, Any]]:
    members = cast(list[Any], value) if isinstance(value, list) else []
    return [cast(dict[str, Any], member) for member in members if isinstance(member, dict)]


def _tags(value: Any) -> dict[str, str]:
    tags = cast(dict[str, Any], value) if isinstance(value, dict) else {}
    return {key: _words(tag) for key, tag in tags.items() if key not in _NOT_TAGS}


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _number(value: Any) -> float:
    """Raises ValueError where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(value)
    return float(value)


def _seconds(value: Any) -> float:
    """A number of them, or an ISO duration."""
    try:
        return _number(value)
    except ValueError:
        pass
    try:
        return _SECONDS.validate_python(value).total_seconds()
    except ValidationError as error:
        raise ValueError(value) from error


def _wanted(kind: Any) -> str:
    return "duration" if kind == "timer" else "number"
