"""A flow as the API shows it: what the author set, in camelCase, labels as a list, `disabled` and `deleted` always."""

from typing import Any, cast

from tiercel.definition.typed import text
from tiercel.expression import to_json
from tiercel.model.durations import format_duration, parse_duration
from tiercel.model.flow import Flow, Input

_DURATIONS = ("interval", "minInterval", "maxInterval", "maxDuration")
_CHOICE_FLAGS = ("allowCustomValue", "isRadio", "autoSelectFirst")


def flow_json(flow: Flow) -> dict[str, Any]:
    """The flow as plain data. Absent properties are left out."""
    shown = cast(dict[str, Any], _complete(flow.model_dump(mode="json", by_alias=True, exclude_unset=True)))
    inputs = {"inputs": [input_json(one) for one in flow.inputs]} if flow.inputs else {}
    return {**shown, **inputs, "disabled": flow.disabled, "deleted": flow.deleted}


def input_json(one: Input) -> dict[str, Any]:
    """An input as the API shows it: `required` always, a default as text."""
    shown = one.model_dump(mode="json", by_alias=True, exclude_unset=True)
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
    """Retries show what they do, and durations their one spelling."""
    if isinstance(value, list):
        return [_complete(item) for item in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    return {
        name: _retry(cast(dict[str, Any], inner)) if name == "retry" and isinstance(inner, dict) else _complete(inner)
        for name, inner in cast(dict[str, Any], value).items()
    }


def _retry(written: dict[str, Any]) -> dict[str, Any]:
    spelled = {name: _duration(value) if name in _DURATIONS else value for name, value in written.items()}
    return {"behavior": "RETRY_FAILED_TASK", "warningOnRetry": False, **spelled}


def _duration(written: Any) -> Any:
    try:
        return format_duration(parse_duration(written))
    except ValueError:
        return written
