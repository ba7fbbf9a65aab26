"""Checks properties of a type by what is known of it where its plugin is not installed.

Takes what the original would take: numbers and booleans as text, JSON text for lists and objects that may be expressions.
A value that holds an expression is trusted until it is rendered.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, cast

from tiercel.definition import PropertyProblem
from tiercel.definition.mistakes import closest, described
from tiercel.model.durations import parse_iso_duration
from tiercel.services.faults import named
from tiercel.services.known_types import Facts, KnownProperty, KnownType
from tiercel.services.prepared import holds_expression

Path = tuple[str | int, ...]
_OF = re.compile(r"(list|map|object|enum)[<(](.*)[>)]")


def known_problems(facts: Facts, known: KnownType, written: Mapping[str, Any]) -> list[PropertyProblem]:
    """What is wrong with the own properties of a task or trigger; nothing where nobody knows its properties."""
    return [] if known.properties is None else list(Checker(facts).of_object(known.properties, written, ()))


class Checker:
    """Goes through a value beside what is known of it."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._of_kind: dict[str, Callable[[Any, str, Path], Iterator[PropertyProblem]]] = {
            "list": self._list,
            "map": self._map,
            "object": self._object,
            "enum": self._enum,
        }

    def of_object(
        self, known: Sequence[KnownProperty], written: Mapping[str, Any], path: Path
    ) -> Iterator[PropertyProblem]:
        """The properties of a mapping. What an object within must have is left to whoever runs it: often it may be absent."""
        by_name = {one.name: one for one in known}
        for name, value in written.items():
            if name in by_name:
                yield from self._property(by_name[name], value, (*path, name))
            else:
                yield _unknown(by_name, (*path, name))
        for one in known:
            if one.is_required and not path and written.get(one.name) is None:
                yield PropertyProblem((*path, one.name), "missing", f"{named((*path, one.name))} is missing")

    def _property(self, known: KnownProperty, value: Any, path: Path) -> Iterator[PropertyProblem]:
        if known.is_deprecated:
            yield PropertyProblem(path, "deprecated", f"{named(path)} is deprecated")
        if value is None:
            return
        found = list(self._value(known.kind, value, path))
        yield from found or _beyond(known, value, path)

    def _value(self, kind: str, value: Any, path: Path) -> Iterator[PropertyProblem]:
        if isinstance(value, str) and holds_expression(value):
            return
        within = _OF.fullmatch(kind)
        if within is not None:
            yield from self._of_kind[within[1]](value, within[2], path)
        elif kind in _SCALARS:
            wanted, fits = _SCALARS[kind]
            if not fits(value):
                yield _wrong(path, wanted, value)
        elif kind == "taskRunner":
            yield from self._plugin(value, path)

    def _list(self, value: Any, item: str, path: Path) -> Iterator[PropertyProblem]:
        if isinstance(value, list | tuple):
            for place, one in enumerate(cast(Sequence[Any], value)):
                yield from self._value(item, one, (*path, place))
        elif not _is_json(value, "["):
            yield _wrong(path, "a list", value)

    def _map(self, value: Any, item: str, path: Path) -> Iterator[PropertyProblem]:
        if isinstance(value, Mapping):
            for name, one in cast(Mapping[str, Any], value).items():
                if one is not None:
                    yield from self._value(item, one, (*path, name))
        elif not _is_json(value, "{"):
            yield _wrong(path, "a mapping", value)

    def _object(self, value: Any, name: str, path: Path) -> Iterator[PropertyProblem]:
        model = self._facts.models[name]
        if model.is_open:
            yield from self._plugin(value, path)
        elif isinstance(value, Mapping):
            yield from self.of_object(model.properties, cast(Mapping[str, Any], value), path)
        elif not _is_json(value, "{"):
            yield _wrong(path, "a mapping", value)

    def _plugin(self, value: Any, path: Path) -> Iterator[PropertyProblem]:
        """A plugin within a task: its `type` says what else it holds."""
        written: Mapping[str, Any] = cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}
        known = self._facts.type(str(written.get("type")))
        if known is not None and known.properties is not None:
            own = {name: one for name, one in written.items() if name not in ("type", "id", "version")}
            own_known = [one for one in known.properties if one.name not in ("type", "id", "version")]
            yield from self.of_object(own_known, own, path)
        elif not isinstance(value, Mapping) and not _is_json(value, "{"):
            yield _wrong(path, "a mapping with a `type`", value)

    def _enum(self, value: Any, choices: str, path: Path) -> Iterator[PropertyProblem]:
        """Small letters are as good: some types take them, and the facts do not say which."""
        accepted = choices.split("|")
        if str(value).lower() in map(str.lower, accepted):
            return
        meant = closest(str(value), frozenset(accepted))
        hint = f"did you mean {meant}? It" if meant else "it"
        words = f"{named(path)} is {described(value)}: {hint} can be {', '.join(accepted)}"
        yield PropertyProblem(path, "invalid", words, meant)


def _unknown(known: Mapping[str, KnownProperty], path: Path) -> PropertyProblem:
    names = frozenset(known)
    return PropertyProblem(
        path, "unknown", f"{named(path)} is unknown", closest(str(path[-1]), names), known=tuple(sorted(names))
    )


def _wrong(path: Path, wanted: str, value: Any) -> PropertyProblem:
    return PropertyProblem(path, "invalid", f"{named(path)} must be {wanted}; this is {described(value)}")


def _beyond(known: KnownProperty, value: Any, path: Path) -> Iterator[PropertyProblem]:
    """A value of the right kind that is too small, too large or too long."""
    limits = known.limits
    longest = limits.get("longest")
    if longest is not None and isinstance(value, str) and len(value) > longest and not holds_expression(value):
        yield PropertyProblem(path, "invalid", f"{named(path)} is longer than {longest:g} characters")
    number = _number(value) if limits else None
    if number is None:
        return
    for limit, word, is_beyond in (
        (limits.get("minimum"), "greater than or equal to", float.__lt__),
        (limits.get("maximum"), "less than or equal to", float.__gt__),
    ):
        if limit is not None and is_beyond(number, limit):
            words = f"must be {word} {limit:g}"
            yield PropertyProblem(path, "invalid", f"{named(path)} {words}; this is {described(value)}", legacy=words)


# What a scalar must be -----------------------------------------------------------------------------------------------


def _is_text(value: Any) -> bool:
    return not isinstance(value, list | tuple | Mapping)


def _is_whole(value: Any) -> bool:
    number = _number(value)
    return number is not None and number.is_integer()


def _is_number(value: Any) -> bool:
    return _number(value) is not None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))


def _is_duration(value: Any) -> bool:
    return _is_number(value) or (isinstance(value, str) and _can(parse_iso_duration, value))


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and _can(datetime.fromisoformat, value.split("[")[0])


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and _can(date.fromisoformat, value)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and _can(time.fromisoformat, value)


def _is_data(value: Any) -> bool:
    """A URI, a mapping, or a list of mappings, the last two as JSON text too."""
    return isinstance(value, str | Mapping | list | tuple)


def _can(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _is_json(value: Any, opening: str) -> bool:
    """A text that begins as the JSON of a list or mapping does: looked at when it is rendered."""
    return isinstance(value, str) and value.lstrip().startswith(opening)


_SCALARS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "string": ("a text", _is_text),
    "uri": ("a text", _is_text),
    "bytes": ("a text", _is_text),
    "integer": ("a whole number", _is_whole),
    "number": ("a number", _is_number),
    "boolean": ("true or false", _is_boolean),
    "duration": ("a duration, for example PT30S, PT1H30M or P1D", _is_duration),
    "datetime": ("a date with a time, for example 2026-01-31T09:00:00Z", _is_instant),
    "date": ("a date, for example 2026-01-31", _is_date),
    "time": ("a time of day, for example 09:00:00", _is_time),
    "data": ("a storage URI, a mapping or a list of mappings", _is_data),
}
