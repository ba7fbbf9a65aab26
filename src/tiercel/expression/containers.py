"""Rendering whole values: maps and lists with templates in them, and what counts as true outside templates."""

from collections.abc import Mapping
from typing import Any

from tiercel.expression.surroundings import Surroundings
from tiercel.expression.template import Template, compile
from tiercel.expression.values import Value, is_list, is_map

_FALSE = frozenset({"", "false", "0", "-0"})


def render(value: Value, context: Mapping[str, Any], surroundings: Surroundings) -> Value:
    """The value with every text in it rendered to text, keys of maps included; everything else stays as it is.

    An entry of a map whose template is a lone null becomes null. Of equal keys the first one wins.
    """
    if isinstance(value, str):
        return compile(value).render(context, surroundings)
    if is_map(value):
        rendered: dict[Value, Value] = {}
        for key, item in value.items():
            rendered.setdefault(render(key, context, surroundings), _render_entry(item, context, surroundings))
        return rendered
    if is_list(value):
        return [render(item, context, surroundings) for item in value]
    return value


def render_typed(value: Value, context: Mapping[str, Any], surroundings: Surroundings) -> Value:
    """The value with every text in it rendered, a lone `{{ }}` keeping its type."""
    if isinstance(value, str):
        return compile(value).render_typed(context, surroundings)
    if is_map(value):
        typed: dict[Value, Value] = {}
        for key, item in value.items():
            typed.setdefault(render(key, context, surroundings), render_typed(item, context, surroundings))
        return typed
    if is_list(value):
        return [render_typed(item, context, surroundings) for item in value]
    return value


def is_true(text: str | None) -> bool:
    """Whether a rendered condition holds: all but nothing, `false`, `0` and `-0`, blanks aside."""
    return text is not None and text.strip() not in _FALSE


def _render_entry(item: Value, context: Mapping[str, Any], surroundings: Surroundings) -> Value:
    if not isinstance(item, str):
        return render(item, context, surroundings)
    template: Template = compile(item)
    return template.render_or_null(context, surroundings)
