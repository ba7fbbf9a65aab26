"""A compiled macro and how it is called: it sees its arguments and nothing else, and makes text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tiercel.expression.errors import ExpressionError
from tiercel.expression.rendering import Rendering
from tiercel.expression.values import Value


@dataclass(frozen=True, slots=True)
class MacroProgram:
    name: str
    defaults: Mapping[str, Callable[[Rendering], Value] | None]
    """The parameters in order, with what makes their value when they are not given."""
    write: Callable[[Rendering, list[Value]], None]
    cost: int
    """The steps of one call."""


def run_macro(
    macro: MacroProgram, rendering: Rendering, positional: Sequence[Value], named: Mapping[str, Value]
) -> str:
    scope = _bind(macro, positional, named)

    def run() -> str:
        rendering.spend(macro.cost)
        for parameter, default in macro.defaults.items():
            if parameter not in scope:
                scope[parameter] = None if default is None else default(rendering)
        written: list[Value] = []
        macro.write(rendering, written)
        return rendering.join(written)

    return rendering.call_macro(scope, run)


def _bind(macro: MacroProgram, positional: Sequence[Value], named: Mapping[str, Value]) -> dict[str, Value]:
    parameters = list(macro.defaults)
    surplus = named.keys() - macro.defaults.keys()
    if len(positional) > len(parameters) or surplus:
        takes = ", ".join(parameters) or "no arguments"
        raise ExpressionError("argument", f"the macro `{macro.name}` takes {takes}")
    return {**dict(zip(parameters, positional, strict=False)), **named}
