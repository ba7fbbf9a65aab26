"""One rendering in progress: which names are visible, what is used up, and what must not be rendered again."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from tiercel.expression.costs import CHARACTERS_A_STEP, PARTS_A_STEP, is_deep, price_of_list, price_of_text
from tiercel.expression.dialect import Dialect
from tiercel.expression.errors import ExpressionError, UndefinedError
from tiercel.expression.extent import extent_of, too_long
from tiercel.expression.meter import LARGE, size_of, width_of
from tiercel.expression.surroundings import Surroundings
from tiercel.expression.text import to_string, to_text
from tiercel.expression.values import Value, is_list, is_map

if TYPE_CHECKING:
    from tiercel.expression.template import Template

# A protected text travels through further passes as its number between two characters of the private use area.
_BYTES_OF_A_VALUE = 60
_PROTECTED = re.compile("\ue000([0-9]+)\ue001")


class SecretText(str):
    """A secret within a rendering of several passes: printed protected, so that `{{` in it is never rendered."""

    __slots__ = ()


class Rendering:
    """What closures get. `context` is what names see; `world` is the whole context, which functions see in macros too."""

    __slots__ = ("budget", "context", "depth", "meter", "protected", "scopes", "surroundings", "template", "world")

    def __init__(self, template: "Template", context: Mapping[str, Value], surroundings: Surroundings) -> None:
        self.template = template
        self.context: Mapping[str, Value] = context
        self.world: Mapping[str, Value] = context
        self.surroundings = surroundings
        self.budget = surroundings.budget
        self.meter = surroundings.meter
        self.scopes: list[dict[str, Value]] = []
        self.depth = 0
        self.protected: list[str] | None = None

    @property
    def dialect(self) -> Dialect:
        return self.template.compiler.dialect

    def within(self, template: "Template") -> "Rendering":
        """A rendering of another template with the same names."""
        inner = Rendering(template, self.world, self.surroundings)
        inner.scopes = [dict(scope) for scope in self.scopes[:1]] if self.context is self.world else []
        inner.depth = self.depth
        inner.descend()
        inner.protected = self.protected
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
        if self.meter.is_stock_due and self.depth == 0:
            self.meter.take_stock(value for scope in scopes for value in scope.values())

    def enter(self, scope: dict[str, Value]) -> None:
        """Open a scope. The first one of all stays for variables set outside loops."""
        if not self.scopes:
            self.scopes.append({})
        self.scopes.append(scope)

    def leave(self) -> None:
        self.scopes.pop()

    def spend(self, steps: int = 1) -> None:
        """Use up steps. Raises ExpressionError when there are none left."""
        self.meter.spend(steps)

    def spend_and_hold(self) -> None:
        """Pay for one value that is read from a text."""
        self.meter.spend(2)
        self.meter.hold(_BYTES_OF_A_VALUE)

    def weigh(self, value: Value, name: str = "") -> Value:
        """The value, after the work on it was charged to who does it. Raises ExpressionError for too much of it."""
        kind = value.__class__
        if kind is str:
            if len(value) > LARGE:
                self.meter.spend(price_of_text(name, len(value)))
        elif is_deep(name, value):
            self.walk(value)
        elif kind is list or kind is dict:
            self.meter.spend(price_of_list(name, len(value)))
        return value

    def walk(self, value: Value) -> int:
        """About how long the value is as text, after going through all of it was charged."""
        extent = extent_of(value, self.budget)
        self.meter.spend(extent.parts // PARTS_A_STEP + extent.characters // CHARACTERS_A_STEP)
        return extent.characters

    def admit(self, value: Value) -> Value:
        """A value just made, after its size was charged. Raises ExpressionError for one that is too large."""
        kind = value.__class__
        if kind is str:
            if len(value) > LARGE:
                self.make_room(len(value))
                self.meter.hold(size_of(value))
        elif kind is list and len(value) > LARGE:
            self._check_elements(len(value))
            self.meter.hold(size_of(value))
        return value

    def make_room(self, length: int) -> None:
        """Charge a text of this length, before it is made where it may be much longer than what it is made of."""
        if length > self.budget.output:
            raise too_long(self.budget.output)
        self.meter.spend(length // CHARACTERS_A_STEP)

    def joined(self, texts: list[str]) -> str:
        """The texts as one. Whether there is room for it is asked before it is made."""
        length = sum(map(len, texts))
        if length <= LARGE:
            return "".join(texts)
        self.make_room(length)
        self.meter.hold(length * max(map(width_of, texts)))
        return "".join(texts)

    def join(self, pieces: Iterable[Value]) -> str:
        """The text that printed values make together; `keep` has looked at each of them."""
        texts: list[str] = []
        length = 0
        for piece in pieces:
            text = self.protect(piece) if isinstance(piece, SecretText) else to_text(piece, self.surroundings.zone)
            length += len(text)
            if length > self.budget.output:
                raise too_long(self.budget.output)
            texts.append(text)
        return self.joined(texts)

    def string_of(self, value: Value) -> str:
        """The value as it reads within other text, after its size was looked at."""
        if is_list(value) or is_map(value):
            self.walk(value)
        return to_string(value)

    def keep(self, value: Value) -> Value:
        """A value just printed, after its size was looked at: it takes its room until the end."""
        if value.__class__ is str:
            if len(value) > LARGE:
                self.meter.keep(size_of(value))
        elif is_list(value) or is_map(value):
            self.walk(value)
        return value

    def protect(self, text: str) -> str:
        """A stand-in for text that further passes must leave alone; the text itself where there is one pass only."""
        if self.protected is None or "{" not in text:
            return str(text)
        self.protected.append(str(text))
        return f"\ue000{len(self.protected) - 1}\ue001"

    def restore(self, text: str) -> str:
        """The text with stand-ins replaced by what they stand for."""
        protected = self.protected or []
        if not protected:
            return text
        lengths = [len(_stood_for(protected, found)) for found in _PROTECTED.finditer(text)]
        self.make_room(len(text) + sum(lengths))
        return _PROTECTED.sub(lambda found: _stood_for(protected, found), text)

    def call_macro(self, scope: dict[str, Value], run: Callable[[], str]) -> str:
        """Run a macro's body: it sees its arguments and nothing else."""
        outside = self.context, self.scopes
        self.context, self.scopes = {}, [scope]
        try:
            return self.deeper(run)
        finally:
            self.context, self.scopes = outside

    def deeper(self, run: Callable[[], str]) -> str:
        """Run what a template does within an expression."""
        self.descend()
        try:
            return run()
        finally:
            self.depth -= 1

    def descend(self) -> None:
        self.depth += 1
        if self.depth > self.budget.depth:
            most = self.budget.depth
            raise ExpressionError("limit", f"macros, blocks and render() stand in one another more than {most} deep")

    def _check_elements(self, length: int) -> None:
        if length > self.budget.list_elements:
            raise ExpressionError("limit", f"the list has more than {self.budget.list_elements} elements")


def _stood_for(protected: list[str], found: re.Match[str]) -> str:
    number = int(found.group(1))
    return protected[number] if number < len(protected) else found.group()
