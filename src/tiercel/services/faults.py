"""What is wrong with the properties of a plugin, in words for people: where, what was given, what is wanted."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tiercel.definition import PropertyProblem
from tiercel.definition.mistakes import closest
from tiercel.sdk import Plugin
from tiercel.services.shapes import TYPED, Shape, shape_of_class, spellings

Path = tuple[str | int, ...]
_LONGEST = 80
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}

_SIZES = {
    "string_too_long": "a text of at most {max_length} characters",
    "string_too_short": "a text of {min_length} or more characters",
    "too_long": "a list of at most {max_length}",
    "too_short": "a list of {min_length} or more",
}


def named(path: Path) -> str:
    """A property as sentences name it: "property `options.headers[2]`"."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f"property `{text.removeprefix('.')}`" if path else "the whole"


def explain(error: ValidationError, raw: Mapping[str, Any], plugin: type[Plugin]) -> list[PropertyProblem]:
    """The faults of raw properties, one a place."""
    shape = shape_of_class(plugin)
    places: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        places.setdefault(_place(detail, raw), []).append(detail)
    faults = [_fault(path, details, shape) for path, details in places.items() if not _has_deeper(path, places)]
    return [_without_deprecated(fault, plugin) if fault.kind == "unknown" else fault for fault in faults]


def _without_deprecated(fault: PropertyProblem, plugin: type[Plugin]) -> PropertyProblem:
    """The names that are known, without those that one should not write any more."""
    old = {
        spelling
        for name, field in plugin.model_fields.items()
        if field.deprecated
        for spelling in spellings(name, field)
    }
    known = tuple(name for name in fault.known if name not in old or len(fault.path) > 1)
    return msgspec.structs.replace(fault, known=known)


def value_at(raw: Any, path: Sequence[str | int]) -> Any:
    """The value that stands at a path; None where nothing does."""
    for step in path:
        if isinstance(raw, Mapping) and step in raw:
            raw = cast(Mapping[Any, Any], raw)[step]
        elif isinstance(raw, list | tuple) and isinstance(step, int) and step < len(cast(Sequence[Any], raw)):
            raw = cast(Sequence[Any], raw)[step]
        else:
            return None
    return raw


def _place(detail: ErrorDetails, raw: Any) -> Path:
    """Where the fault is in what was written: pydantic's place without the names of a union's members."""
    path: list[str | int] = []
    for step in detail["loc"]:
        if value_at(raw, (*path, step)) is not None or _is_key(value_at(raw, path), step):
            path.append(step)
    if detail["type"] == "missing":
        path.append(detail["loc"][-1])
    return tuple(path)


def _is_key(container: Any, step: str | int) -> bool:
    return isinstance(container, Mapping) and step in container


def _has_deeper(path: Path, places: Mapping[Path, Any]) -> bool:
    """A union complains at the place itself and, for the member that nearly fits, further in."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in places)


def _fault(path: Path, details: list[ErrorDetails], shape: Shape) -> PropertyProblem:
    kind = details[0]["type"]
    if kind == "missing":
        return PropertyProblem(path, "missing", f"{named(path)} is missing")
    if kind == "extra_forbidden":
        return _unknown(path, shape)
    if kind == "value_error":
        return _refused(path, details[0])
    if kind in ("literal_error", "enum"):
        return _no_choice(path, details[0], shape)
    wanted = " or ".join(dict.fromkeys(_wanted(detail) for detail in details))
    given = _given(details[0]["input"], _shape_at(shape, path))
    return PropertyProblem(path, "invalid", f"{named(path)} must be {wanted}; {given} was given")


def _no_choice(path: Path, detail: ErrorDetails, shape: Shape) -> PropertyProblem:
    """None of the accepted words."""
    accepted = str(detail.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
    given, words = detail["input"], accepted.split(", ")
    meant = closest(str(given), frozenset(words))
    shown = _given(given, _shape_at(shape, path))
    hint = f"; did you mean {meant}?" if meant else ""
    message = f"{named(path)} must be one of {accepted}; {shown} was given{hint}"
    legacy = (
        f'Cannot deserialize value from String "{given}": not one of the values accepted for Enum class: [{accepted}]'
    )
    return PropertyProblem(path, "invalid", message, meant, legacy=legacy)


def _refused(path: Path, detail: ErrorDetails) -> PropertyProblem:
    """A class's own check said no: its words are the message."""
    error = detail.get("ctx", {}).get("error")
    return PropertyProblem(path, "invalid", f"{named(path)} is wrong: {error}", legacy=getattr(error, "legacy", None))


def _unknown(path: Path, shape: Shape) -> PropertyProblem:
    known = tuple(_shape_at(shape, path[:-1]).fields or ())
    near = closest(str(path[-1]), frozenset(known))
    hint = f"did you mean `{near}`?" if near else f"there is {', '.join(f'`{name}`' for name in known) or 'none'}"
    return PropertyProblem(path, "unknown", f"{named(path)} is unknown; {hint}", near, known=known)


def _wanted(detail: ErrorDetails) -> str:
    limits = detail.get("ctx", {})
    if detail["type"] in _SIZES:
        return _SIZES[detail["type"]].format(**limits)
    return _WANTED.get(detail["type"]) or detail["msg"].removeprefix("Input should be ")


def _given(value: Any, shape: Shape) -> str:
    if shape.secret:
        return "a secret value"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _shape_at(shape: Shape, path: Path) -> Shape:
    for step in path:
        shape = (shape.fields or {}).get(str(step)) or shape.items or TYPED
    return shape
