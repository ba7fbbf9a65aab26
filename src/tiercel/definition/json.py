"""A flow as the API shows it: what the author set, in camelCase, labels as a list, `disabled` and `deleted` always."""

import json
from typing import Any, cast

from pydantic import ValidationError

from tiercel.definition.defaults import full_name
from tiercel.definition.rendered import RENDERED
from tiercel.definition.typed import text
from tiercel.expression import to_json
from tiercel.model.durations import format_duration, parse_duration
from tiercel.model.flow import Flow, Input, Trigger
from tiercel.model.task import Task

_DURATIONS = ("interval", "minInterval", "maxInterval", "maxDuration")
_CHOICE_FLAGS = ("allowCustomValue", "isRadio", "autoSelectFirst")
_ASKED = ("onResume", "inputs")
"""Properties of tasks that hold inputs which somebody is asked for."""

Data = dict[str, Any]


def flow_json(flow: Flow) -> Data:
    """The flow as plain data. Absent properties are left out."""
    shown = cast(Data, _complete(flow.model_dump(mode="json", by_alias=True, exclude_unset=True)))
    inputs = {"inputs": [input_json(one) for one in flow.inputs]} if flow.inputs else {}
    return {**shown, **inputs, "disabled": flow.disabled, "deleted": flow.deleted}


def part_json(part: Task | Trigger) -> Data:
    """One task or trigger as the flow shows it."""
    return cast(Data, _complete(part.model_dump(mode="json", by_alias=True, exclude_unset=True)))


def input_json(one: Input) -> Data:
    """An input as the API shows it: `required` always, a default as text."""
    shown = one.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    shown["required"] = one.required
    if one.type == "SELECT":
        shown |= {name: shown.get(name, False) for name in _CHOICE_FLAGS}
    if one.defaults is not None:
        is_whole = isinstance(one.defaults, dict | list)
        shown["defaults"] = to_json(one.defaults) if is_whole else text(one.defaults)
    if one.inputs:
        shown["inputs"] = [input_json(child) for child in one.inputs]
    return shown


def _complete(value: Any) -> Any:
    """What stands anywhere in a flow, as it is shown."""
    if isinstance(value, list):
        return [_complete(item) for item in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    written = cast(Data, value)
    typed = _typed(written) if isinstance(written.get("type"), str) else written
    return {name: _retry(inner) if _is_retry(name, inner) else _complete(inner) for name, inner in typed.items()}


def _typed(written: Data) -> Data:
    """A task or trigger: what is rendered is a text, inputs and labels have one form."""
    shown = dict(written)
    for path in RENDERED.get(full_name(written["type"]), ()):
        _show_as_text(shown, path.split("."))
    for name in _ASKED:
        if isinstance(asked := shown.get(name), list):
            shown[name] = [_asked(one) for one in cast(list[Any], asked)]
    if isinstance(labels := shown.get("labels"), dict) and shown["type"].endswith(".Subflow"):
        shown["labels"] = [{"key": key, "value": value} for key, value in cast(Data, labels).items()]
    return shown


def _show_as_text(shown: Data, path: list[str]) -> None:
    name, *further = path
    value = shown.get(name)
    if further and isinstance(value, dict):
        shown[name] = dict(cast(Data, value))
        _show_as_text(shown[name], further)
    elif not further and value is not None and not isinstance(value, str):
        shown[name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _asked(one: Any) -> Any:
    """An input as it is written in a task; one that is wrong is shown so."""
    try:
        return input_json(Input.model_validate(one))
    except ValidationError:
        return one


def _is_retry(name: str, value: Any) -> bool:
    return name == "retry" and isinstance(value, dict)


def _retry(written: Data) -> Data:
    """A retry shows what it does, and durations in their one spelling."""
    spelled = {name: _duration(value) if name in _DURATIONS else value for name, value in written.items()}
    return {"behavior": "RETRY_FAILED_TASK", "warningOnRetry": False, **spelled}


def _duration(written: Any) -> Any:
    try:
        return format_duration(parse_duration(written))
    except ValueError:
        return written
