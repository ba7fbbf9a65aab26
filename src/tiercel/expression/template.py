"""Compiled templates: what they read, and how they become text or a value."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from tiercel.expression.body import Program, compile_body, literal_program
from tiercel.expression.errors import ExpressionError
from tiercel.expression.extent import ensure_walkable
from tiercel.expression.names import Reads, reads_of
from tiercel.expression.parser import Dialect
from tiercel.expression.passes import render_until_stable
from tiercel.expression.rendering import Rendering
from tiercel.expression.surroundings import Surroundings
from tiercel.expression.tags import parse
from tiercel.expression.text import to_text
from tiercel.expression.values import Value, is_list, is_map

_CACHED = 4096
_SHORT = 4096
_LITERAL_READS = Reads(frozenset(), frozenset())


class Template:
    """A template ready to be rendered any number of times."""

    __slots__ = ("calls", "compiler", "is_literal", "names", "program", "text")

    def __init__(self, text: str, program: Program, reads: Reads, compiler: "Compiler") -> None:
        self.text = text
        self.program = program
        self.is_literal = "{" not in text
        self.names = reads.names
        """Paths the template reads, as far as they are written out. `()` is there when it may read anything."""
        self.calls = reads.calls
        """Names of the functions it calls."""
        self.compiler = compiler

    def render(self, context: Mapping[str, Any], surroundings: Surroundings) -> str:
        """The text. Raises ExpressionError, or Unanswered when the host does not know yet."""
        if self.is_literal:
            return self.text
        rendering = Rendering(self, context, surroundings)
        try:
            if self.compiler.dialect.is_recursive:
                return render_until_stable(self.text, rendering)
            return self.write_text(rendering)
        except ExpressionError as error:
            error.within(self.text)
            raise
        except (RecursionError, OverflowError) as error:
            raise _too_much(error).within(self.text) from None

    def render_typed(self, context: Mapping[str, Any], surroundings: Surroundings) -> Value:
        """The value of a lone `{{ }}` as it is; other templates give text, or what the text says as JSON."""
        if self.is_literal or self.compiler.dialect.is_recursive:
            return self.render(context, surroundings)
        try:
            return self._value(Rendering(self, context, surroundings))
        except ExpressionError as error:
            error.within(self.text)
            raise
        except (RecursionError, OverflowError) as error:
            raise _too_much(error).within(self.text) from None

    def render_or_null(self, context: Mapping[str, Any], surroundings: Surroundings) -> str | None:
        """The text; None where all that is printed is null. Values of rendered maps are made so."""
        if self.program.lone is None or self.compiler.dialect.is_recursive:
            return self.render(context, surroundings)
        value = self.render_typed(context, surroundings)
        return None if value is None else to_text(value)

    def write_text(self, rendering: Rendering) -> str:
        """The text of one pass within a rendering."""
        lone = self.program.lone
        if lone is not None:
            value = lone(rendering)
            return value if type(value) is str and len(value) < _SHORT else rendering.join((value,))
        written: list[Value] = []
        self.program.write(rendering, written)
        return rendering.join(written)

    def _value(self, rendering: Rendering) -> Value:
        if self.program.lone is not None:
            return self.program.lone(rendering)
        written: list[Value] = []
        self.program.write(rendering, written)
        pieces = [piece for piece in written if piece is not None]
        if len(pieces) == 1:
            ensure_walkable(pieces[0])
            return pieces[0]
        text = rendering.join(pieces)
        if any(is_list(piece) or is_map(piece) for piece in pieces):
            return _parsed(text)
        return text if pieces or not written else None


class Compiler:
    """Compiles templates of one dialect and keeps the ones used last."""

    def __init__(self, dialect: Dialect | None = None, *, cached: int = _CACHED) -> None:
        self.dialect = dialect or Dialect()
        self.compile = lru_cache(cached)(self._compile)

    def _compile(self, text: str) -> Template:
        if "{" not in text:
            return Template(text, literal_program(text), _LITERAL_READS, self)
        try:
            body = parse(text, self.dialect)
            return Template(text, compile_body(body, self.dialect), reads_of(body), self)
        except ExpressionError as error:
            error.within(text)
            raise
        except RecursionError as error:
            raise _too_much(error).within(text) from None


def _parsed(text: str) -> Value:
    """Lists and maps beside text are JSON when they read as such, and text otherwise."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _too_much(error: RecursionError | OverflowError) -> ExpressionError:
    if isinstance(error, OverflowError):
        return ExpressionError("arith", "a number is too large to compute with")
    return ExpressionError("limit", "the expression, or the data it works on, is nested too deeply")


@lru_cache(1)
def _default_compiler() -> Compiler:
    return Compiler()


def compile(text: str) -> Template:
    """The template of a text, in the dialect of 2.0."""
    return _default_compiler().compile(text)
