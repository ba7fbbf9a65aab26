"""Compiled templates: what they read, and how they become text or a value."""

from collections.abc import Mapping
from functools import lru_cache, reduce
from typing import Any

from tiercel.expression.body import Program, compile_body, literal_program
from tiercel.expression.budgets import ReadingBudget
from tiercel.expression.dialect import Dialect
from tiercel.expression.errors import ExpressionError
from tiercel.expression.json_reading import read_whole_json
from tiercel.expression.names import Reads, reads_of
from tiercel.expression.operators import add
from tiercel.expression.passes import render_until_stable
from tiercel.expression.rendering import Rendering
from tiercel.expression.surroundings import Surroundings
from tiercel.expression.tags import parse
from tiercel.expression.text import to_text
from tiercel.expression.values import Value, is_list, is_map, is_number, plain

_CACHED = 4096
_CACHED_LONG = 64
_SHORT = 4096
"""Characters of a text of which many may be kept."""
_LITERAL_READS = Reads(frozenset(), frozenset(), frozenset(), frozenset())


class Template:
    """A template ready to be rendered any number of times."""

    __slots__ = (
        "bound",
        "calls",
        "compiler",
        "faults",
        "filters",
        "is_literal",
        "names",
        "old_names",
        "program",
        "text",
    )

    def __init__(self, text: str, program: Program, reads: Reads, compiler: "Compiler") -> None:
        self.text = text
        self.program = program
        self.is_literal = "{" not in text
        self.names = reads.names
        """Paths the template reads, as far as they are written out. `()` is there when it may read anything."""
        self.calls = reads.calls
        """Names of the functions it calls."""
        self.filters = reads.filters
        """Names of the filters it uses."""
        self.bound = reads.bound
        """Names it makes for itself."""
        self.faults = tuple(fault.within(text) for fault in program.findings.faults)
        """What fails whenever it is reached: unknown filters, functions, tests, and arguments that do not fit."""
        self.old_names = tuple(program.findings.old_names)
        """Names it uses that the original has removed; they work."""
        self.compiler = compiler

    def render(self, context: Mapping[str, Any], surroundings: Surroundings) -> str:
        """The text. Raises ExpressionError, or Unanswered when the host does not know yet."""
        if self.is_literal:
            return self.text
        if surroundings.dialect is not None and surroundings.dialect != self.compiler.dialect:
            return compile(self.text, surroundings.dialect).render(context, surroundings)
        rendering = Rendering(self, context, surroundings)
        try:
            if self.compiler.dialect.is_recursive:
                return render_until_stable(self.text, rendering)
            return self.write_text(rendering)
        except ExpressionError as error:
            error.within(self.text).knowing(surroundings.left_out).hiding(surroundings.secrets.mask)
            raise
        except (RecursionError, OverflowError) as error:
            raise _too_much(error).within(self.text) from None

    def render_typed(self, context: Mapping[str, Any], surroundings: Surroundings) -> Value:
        """The value of a lone `{{ }}` as it is; other templates give text, or what the text says as JSON."""
        if self.is_literal or self.compiler.dialect.is_recursive:
            return self.render(context, surroundings)
        if surroundings.dialect is not None and surroundings.dialect != self.compiler.dialect:
            return compile(self.text, surroundings.dialect).render_typed(context, surroundings)
        try:
            value = self._value(Rendering(self, context, surroundings))
            return plain(value) if "number" in self.filters else value
        except ExpressionError as error:
            error.within(self.text).knowing(surroundings.left_out).hiding(surroundings.secrets.mask)
            raise
        except (RecursionError, OverflowError) as error:
            raise _too_much(error).within(self.text) from None

    def render_or_null(self, context: Mapping[str, Any], surroundings: Surroundings) -> str | None:
        """The text; None where all that is printed is null. Values of rendered maps are made so."""
        dialect = surroundings.dialect or self.compiler.dialect
        if self.program.lone is None or dialect.is_recursive or not dialect.keeps_null_entries:
            return self.render(context, surroundings)
        value = self.render_typed(context, surroundings)
        return None if value is None else to_text(value)

    def write_text(self, rendering: Rendering) -> str:
        """The text of one pass within a rendering."""
        lone = self.program.lone
        if lone is not None:
            value = lone(rendering)
            return value if type(value) is str and len(value) < _SHORT else rendering.join((rendering.keep(value),))
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
            rendering.weigh(pieces[0])
            return pieces[0]
        if self.compiler.dialect.adds_numbers and pieces and all(map(is_number, pieces)):
            return reduce(add, pieces)
        text = rendering.join(pieces)
        if any(is_list(piece) or is_map(piece) for piece in pieces):
            return _parsed(text, rendering)
        return text if pieces or not written else None


class Compiler:
    """Compiles templates of one dialect and keeps the ones used last: many short ones, few long ones."""

    def __init__(
        self, dialect: Dialect | None = None, *, budget: ReadingBudget | None = None, cached: int = _CACHED
    ) -> None:
        self.dialect = dialect or Dialect()
        self._budget = budget or ReadingBudget()
        self._short = lru_cache(cached)(self._compile)
        self._long = lru_cache(min(cached, _CACHED_LONG))(self._compile)

    def compile(self, text: str) -> Template:
        """The template of a text. Raises ExpressionError."""
        if len(text) < _SHORT:
            return self._short(text)
        return self._long(text) if "{" in text else self._compile(text)

    def _compile(self, text: str) -> Template:
        if "{" not in text:
            return Template(text, literal_program(text), _LITERAL_READS, self)
        try:
            body = parse(text, self.dialect, self._budget)
            return Template(text, compile_body(body, self.dialect), reads_of(body), self)
        except ExpressionError as error:
            error.within(text)
            raise
        except RecursionError as error:
            raise _too_much(error).within(text) from None


def _parsed(text: str, rendering: Rendering) -> Value:
    """Lists and maps beside text are JSON when they read as such, and text otherwise."""
    try:
        return read_whole_json(text, rendering)
    except ExpressionError as error:
        if error.kind != "parse":
            raise
        return text


def _too_much(error: RecursionError | OverflowError) -> ExpressionError:
    if isinstance(error, OverflowError):
        return ExpressionError("arith", "a number is too large to compute with")
    return ExpressionError("limit", "the expression, or the data it works on, is nested too deeply")


_STANDARD = Dialect()


@lru_cache(16)
def _compiler(dialect: Dialect) -> Compiler:
    return Compiler(dialect)


def compile(text: str, dialect: Dialect = _STANDARD) -> Template:
    """The template of a text. Raises ExpressionError."""
    return _compiler(dialect).compile(text)
