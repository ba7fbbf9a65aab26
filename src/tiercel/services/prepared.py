"""The raw properties of one task, prepared once: what holds expressions, how each is rendered, of which class it is.

Rendering asks nobody: a call to the world comes out as `Unanswered`, and whoever called answers it and renders again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from pydantic import SecretStr, ValidationError

from tiercel.expression import Surroundings, compile, to_text
from tiercel.sdk import Plugin, Properties, TaskFailed
from tiercel.services.faults import explain
from tiercel.services.shapes import TEXT, TYPED, Shape, shape_of_class

Context = Mapping[str, Any]
Step = Callable[[Context, Surroundings], Any]
PluginT = TypeVar("PluginT", bound=Plugin)


class Prepared(Generic[PluginT]):
    """Makes instances of a class from raw properties; one and the same instance where these hold no expressions."""

    def __init__(self, plugin: type[PluginT], properties: Mapping[str, Any]) -> None:
        self.plugin = plugin
        self.properties = properties
        shape = shape_of_class(plugin)
        self._holds_secrets = shape.secret
        self._constants: dict[str, Any] = {}
        self._steps: list[tuple[str, Step]] = []
        for name, value in properties.items():
            if value is not None:
                self._prepare(name, value, (shape.fields or {}).get(name, TYPED))
        self._instance = None if self._steps else self._validate(self._constants)

    def build(self, context: Context, surroundings: Surroundings) -> PluginT:
        """The task of this run. Raises TaskFailed, ExpressionError, Unanswered."""
        if self._instance is not None:
            return self._instance
        raw = self._constants.copy()
        for name, step in self._steps:
            raw[name] = step(context, surroundings)
        return self._validate(raw)

    def secrets(self, built: PluginT) -> list[str]:
        """The texts of properties that must never be shown."""
        return list(_secret_texts(built)) if self._holds_secrets else []

    def _prepare(self, name: str, value: Any, shape: Shape) -> None:
        step = _step(value, shape)
        if step is None:
            self._constants[name] = plain(value, shape)
        else:
            self._steps.append((name, step))

    def _validate(self, raw: Mapping[str, Any]) -> PluginT:
        try:
            return self.plugin.model_validate(raw)
        except ValidationError as error:
            faults = explain(error, raw, self.plugin)
            raise TaskFailed("; ".join(fault.message for fault in faults)) from None


def plain(value: Any, shape: Shape) -> Any:
    """A value without expressions as its property takes it: scalars as text, containers from their JSON text."""
    if isinstance(value, str):
        return _from_json(value) if shape.takes_json else value
    if isinstance(value, Mapping):
        return {
            str(key): plain(item, _within(shape, key)) for key, item in _entries(cast(Mapping[Any, Any], value), shape)
        }
    if isinstance(value, list | tuple):
        return [plain(item, shape.inner) for item in cast(Sequence[Any], value)]
    return to_text(value) if shape.text and not shape.loose and value is not None else value


def holds_expression(value: Any) -> bool:
    """Whether any text within may hold an expression."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value or "{#" in value
    if isinstance(value, Mapping):
        entries = cast(Mapping[Any, Any], value)
        return any(holds_expression(key) or holds_expression(item) for key, item in entries.items())
    return isinstance(value, list | tuple) and any(holds_expression(item) for item in cast(Sequence[Any], value))


def _step(value: Any, shape: Shape) -> Step | None:
    """How to render a value; None where there is nothing to render."""
    if shape.raw or not holds_expression(value):
        return None
    if isinstance(value, str):
        return _text_step(value, shape)
    if isinstance(value, Mapping):
        return _mapping_step(cast(Mapping[Any, Any], value), shape)
    return _list_step(cast(Sequence[Any], value), shape)


def _text_step(text: str, shape: Shape) -> Step:
    template = compile(text)
    if shape.text:
        return template.render
    if not shape.takes_json:
        return template.render_typed
    return lambda context, surroundings: _from_json(template.render_typed(context, surroundings))


def _mapping_step(entries: Mapping[Any, Any], shape: Shape) -> Step:
    steps = [
        (_step_or_constant(str(key), TEXT), _step_or_constant(item, _within(shape, key)))
        for key, item in _entries(entries, shape)
    ]
    return lambda context, surroundings: {
        key(context, surroundings): item(context, surroundings) for key, item in steps
    }


def _list_step(elements: Sequence[Any], shape: Shape) -> Step:
    steps = [_step_or_constant(element, shape.inner) for element in elements]
    return lambda context, surroundings: [step(context, surroundings) for step in steps]


def _step_or_constant(value: Any, shape: Shape) -> Step:
    constant = plain(value, shape)
    return _step(value, shape) or (lambda _context, _surroundings: constant)


def _entries(entries: Mapping[Any, Any], shape: Shape) -> list[tuple[Any, Any]]:
    """What a mapping holds; in an object null is the same as absent."""
    return [(key, item) for key, item in entries.items() if item is not None or shape.fields is None]


def _within(shape: Shape, key: object) -> Shape:
    if shape.fields is not None and key in shape.fields:
        return shape.fields[str(key)]
    return shape.inner


def _from_json(value: Any) -> Any:
    """The list or mapping a text describes; anything else is left for the class to complain about."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _secret_texts(value: Any) -> list[str]:
    if isinstance(value, SecretStr):
        return [value.get_secret_value()]
    if isinstance(value, Properties):
        return [text for item in vars(value).values() for text in _secret_texts(item)]
    if isinstance(value, Mapping):
        return [text for item in cast(Mapping[Any, Any], value).values() for text in _secret_texts(item)]
    if isinstance(value, list | tuple):
        return [text for item in cast(Sequence[Any], value) for text in _secret_texts(item)]
    return []
