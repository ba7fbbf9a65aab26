"""One rendering in progress: which names are visible, what is used up, and what must not be rendered again."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from tiercel.expression.errors import ExpressionError, UndefinedError
from tiercel.expression.surroundings import Surroundings
from tiercel.expression.text import to_text
from tiercel.expression.values import Value

if TYPE_CHECKING:
    from tiercel.expression.template import Template

# A protected text travels through further passes as its number between two characters of the private use area.
_PROTECTED = re.compile("\ue000([0-9]+)\ue001")
_CHARACTERS_A_STEP = 1024
_ELEMENTS_A_STEP = 64


class SecretText(str):
    """A secret within a rendering of several passes: printed protected, so that `{{` in it is never rendered."""

    __slots__ = ()


class Rendering:
    """What closures get. `context` is what names see; `world` is the whole context, which functions see in macros too."""

    __slots__ = ("context", "depth", "origin", "protected", "scopes", "steps", "surroundings", "template", "world")

    def __init__(self, template: "Template", context: Mapping[str, Value], surroundings: Surroundings) -> None:
        self.template = template
        self.context: Mapping[str, Value] = context
        self.world: Mapping[str, Value] = context
        self.surroundings = surroundings
        self.scopes: list[dict[str, Value]] = []
        self.steps = 0
        self.depth = 0
        self.protected: list[str] | None = None
        self.origin = self

    def within(self, template: "Template") -> "Rendering":
        """A rendering of another template with the same names and the same budget."""
        inner = Rendering(template, self.world, self.surroundings)
        inner.scopes = [dict(scope) for scope in self.scopes[:1]] if self.context is self.world else []
        inner.depth = self.depth + 1
        inner.protected = self.protected
        inner.origin = self.origin
        if inner.depth > self.surroundings.budget.depth:
            raise ExpressionError("limit", f"render() within render() more than {self.surroundings.budget.depth} deep")
        return inner

    def find(self, name: str) -> Value:
        """The value of a root name. Raises UndefinedError."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        if name == "_context":
            return self.context
        try:
            return self.context[name]
        except KeyError:
            raise UndefinedError(name, name, self.context) from None

    def assign(self, name: str, value: Value) -> None:
        """Update the variable where it is, or make it in the innermost scope."""
        scopes = self.scopes
        if not scopes:
            scopes.append({})
        holding = (scope for scope in reversed(scopes) if name in scope)
        outermost = scopes[0] if name in self.context else scopes[-1]
        next(holding, outermost)[name] = value

    def enter(self, scope: dict[str, Value]) -> None:
        """Open a scope. The first one of all stays for variables set outside loops."""
        if not self.scopes:
            self.scopes.append({})
        self.scopes.append(scope)

    def leave(self) -> None:
        self.scopes.pop()

    def spend(self, steps: int = 1) -> None:
        """Use up steps. Raises ExpressionError when there are none left."""
        origin = self.origin
        origin.steps += steps
        if origin.steps > self.surroundings.budget.steps:
            raise ExpressionError("limit", f"the expression takes more than {self.surroundings.budget.steps} steps")

    def weigh(self, value: Value) -> Value:
        """The value, after its size was charged."""
        kind = value.__class__
        if kind is str and len(value) > _CHARACTERS_A_STEP:
            self.spend(len(value) // _CHARACTERS_A_STEP)
        elif (kind is list or kind is dict) and len(value) > _ELEMENTS_A_STEP:
            self.spend(len(value) // _ELEMENTS_A_STEP)
        return value

    def admit(self, value: Value) -> Value:
        """A value just made, after its size was charged. Raises ExpressionError for one that is too large."""
        kind = value.__class__
        if kind is str:
            self._check_length(len(value))
        elif kind is list and len(value) > self.surroundings.budget.list_elements:
            most = self.surroundings.budget.list_elements
            raise ExpressionError("limit", f"the list has more than {most} elements")
        return self.weigh(value)

    def join(self, pieces: Iterable[Value]) -> str:
        """The text that printed values make together."""
        texts: list[str] = []
        length = 0
        for piece in pieces:
            text = self.protect(piece) if isinstance(piece, SecretText) else to_text(piece)
            length += len(text)
            self._check_length(length)
            texts.append(text)
        return "".join(texts)

    def protect(self, text: str) -> str:
        """A stand-in for text that further passes must leave alone; the text itself where there is one pass only."""
        if self.protected is None or "{" not in text:
            return str(text)
        self.protected.append(str(text))
        return f"\ue000{len(self.protected) - 1}\ue001"

    def restore(self, text: str) -> str:
        """The text with stand-ins replaced by what they stand for."""
        protected = self.protected or []
        return _PROTECTED.sub(lambda found: _stood_for(protected, found), text) if protected else text

    def call_macro(self, scope: dict[str, Value], run: Callable[[], str]) -> str:
        """Run a macro's body: it sees its arguments and nothing else."""
        if self.depth >= self.surroundings.budget.depth:
            raise ExpressionError("limit", f"macros call one another more than {self.depth} deep")
        outside = self.context, self.scopes
        self.context, self.scopes = {}, [scope]
        self.depth += 1
        try:
            return run()
        finally:
            self.context, self.scopes = outside
            self.depth -= 1

    def _check_length(self, length: int) -> None:
        if length > self.surroundings.budget.output:
            raise ExpressionError("limit", f"the text has more than {self.surroundings.budget.output} characters")


def _stood_for(protected: list[str], found: re.Match[str]) -> str:
    number = int(found.group(1))
    return protected[number] if number < len(protected) else found.group()
