"""The values an execution is started with: from what was given to what the flow sees, all errors at once.

Rendering and encryption are brought in by the caller; a rendering that needs the world passes its `Unanswered` on, and
the caller asks again once it knows the answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from tiercel.definition.constraints import option, violations
from tiercel.definition.typed import TEXTUAL, Cause, Refused, parse
from tiercel.expression import ExpressionError
from tiercel.model.flow import DependsOn, Input, InputType, Output
from tiercel.model.sealed import Encrypt, holds_sealed

Render = Callable[[Any, Mapping[str, Any]], Any]
"""Renders a value, typed and recursively; the mapping is the `inputs` that its expressions may name."""


class InputError(msgspec.Struct, frozen=True):
    """One thing that is wrong with what was given for an input."""

    message: str
    """In the words of the original."""
    meaning: str
    """In our own: what is wrong, and what would be right."""
    render_error: bool = False


class ResolvedInput(msgspec.Struct, frozen=True):
    """What became of one declared input."""

    id: str
    """With its group: `environment.region`."""
    declared: Input
    value: Any = None
    """As the execution keeps it; where there are errors, as it was given."""
    enabled: bool = True
    is_default: bool = False
    errors: tuple[InputError, ...] = ()
    clear: Any = None
    """What expressions see of it: a secret's own text."""


class Resolution(msgspec.Struct, frozen=True):
    """All inputs of a flow."""

    inputs: tuple[ResolvedInput, ...]
    unknown: tuple[str, ...] = ()
    """Names that were given and are not declared: accepted, and worth a warning."""

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(error.message for resolved in self.inputs for error in resolved.errors)

    @property
    def values(self) -> dict[str, Any]:
        """What the execution keeps: dotted ids are nested mappings, disabled inputs are not there."""
        return nested((resolved.id, resolved.value) for resolved in self.inputs if resolved.enabled)

    @property
    def clear(self) -> dict[str, Any]:
        """What expressions see of it: the same, with the texts of secrets, without what is refused."""
        return nested((one.id, one.clear) for one in self.inputs if one.enabled and not one.errors)


class Declared(msgspec.Struct, frozen=True):
    """An input with its full id, and what switches it on: its own dependencies and those of its group."""

    id: str
    input: Input
    gates: tuple[DependsOn, ...]


def resolve(
    inputs: Sequence[Input],
    given: Mapping[str, Any],
    *,
    render: Render,
    encrypt: Encrypt | None = None,
    kept: Mapping[str, Any] | None = None,
) -> Resolution:
    """Resolve every declared input from what was given, or what was `kept` of an earlier time, or its defaults."""
    resolver = _Resolver(flattened(inputs), _Sources(given, kept or {}), render, encrypt)
    resolved = tuple(resolver.resolve(declared.id) for declared in resolver.declared.values())
    return Resolution(resolved, _unknown(given, resolver.declared))


def holds(condition: str, seen: Mapping[str, Any], render: Render) -> bool:
    """Whether a condition renders to true itself: no text, number or list counts as true. Raises ExpressionError."""
    return condition.strip() == "true" or render(condition, seen) is True


def read_inputs(written: Sequence[Mapping[str, Any]]) -> tuple[Input, ...]:
    """Inputs as a task carries them (`onResume` of a Pause); checked when the flow was saved."""
    return tuple(Input.model_validate(one) for one in written)


def read_output(output: Output, value: Any, *, encrypt: Encrypt | None = None) -> Any:
    """A rendered flow output as its type keeps it. Raises Refused."""
    if value is None:
        if output.required:
            raise Refused(f"Missing required output:{output.id}")
        return None
    try:
        return parse(output.type, value, item=output.item_type, encrypt=encrypt)
    except Refused as error:
        raise Refused(f"Invalid value for output `{output.id}`. Cause: {error}") from None


def flattened(inputs: Sequence[Input], prefix: str = "", gates: tuple[DependsOn, ...] = ()) -> dict[str, Declared]:
    """All inputs by full id; a FORM gives its children, in its place."""
    found: dict[str, Declared] = {}
    for one in inputs:
        own = (*gates, one.depends_on) if one.depends_on else gates
        if one.type is InputType.FORM:
            found |= flattened(one.inputs, f"{prefix}{one.id}.", own)
        else:
            found[prefix + one.id] = Declared(prefix + one.id, one, own)
    return found


def nested(entries: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    """`a.b` as {a: {b: …}}."""
    values: dict[str, Any] = {}
    for name, value in entries:
        *outer, last = name.split(".")
        inner = values
        for step in outer:
            if not isinstance(inner.get(step), dict):
                inner[step] = {}
            inner = cast(dict[str, Any], inner[step])
        inner[last] = value
    return values


class _Sources(msgspec.Struct, frozen=True):
    """Where values come from before defaults are asked."""

    given: Mapping[str, Any]
    kept: Mapping[str, Any]

    def value(self, name: str) -> Any:
        found = given_value(self.given, name)
        return given_value(self.kept, name) if found is None else found


class _Resolver:
    """Resolves each input once, those it depends on before it."""

    def __init__(
        self, declared: dict[str, Declared], sources: _Sources, render: Render, encrypt: Encrypt | None
    ) -> None:
        self.declared = declared
        self._sources = sources
        self._render = render
        self._encrypt = encrypt
        self._resolved: dict[str, ResolvedInput] = {}
        self._open: set[str] = set()

    def resolve(self, name: str) -> ResolvedInput:
        if name not in self._resolved:
            self._open.add(name)
            self._resolved[name] = self._resolve(self.declared[name])
            self._open.discard(name)
        return self._resolved[name]

    def _resolve(self, declared: Declared) -> ResolvedInput:
        needed = {id for gate in declared.gates for id in self._dependencies(gate.inputs)}
        known = [self.resolve(name) for name in sorted(needed, key=list(self.declared).index)]
        if not all(one.enabled for one in known):
            return ResolvedInput(declared.id, declared.input, enabled=False)
        seen = nested((one.id, one.clear) for one in known)
        try:
            is_on = all(self._is_on(gate, seen) for gate in declared.gates)
        except ExpressionError as error:
            words = f"Invalid condition: {error}"
            return _refused(declared, None, [Cause(words, words)], enabled=False, render_error=True)
        return self._value(declared, seen) if is_on else ResolvedInput(declared.id, declared.input, enabled=False)

    def _dependencies(self, names: Sequence[str]) -> list[str]:
        """The inputs meant: itself, unknown ones and those being resolved are passed over; a FORM means its children."""
        return [name for name in self.declared if name not in self._open and _is_meant(name, names)]

    def _is_on(self, gate: DependsOn, seen: Mapping[str, Any]) -> bool:
        return gate.condition is None or holds(gate.condition, seen, self._render)

    def _value(self, declared: Declared, seen: Mapping[str, Any]) -> ResolvedInput:
        given = self._sources.value(declared.id)
        is_default = given is None
        try:
            allowed = self._allowed(declared.input, seen)
            declared = _with_choice(declared, allowed)
            value = self._default(declared.input, seen, allowed) if is_default else given
        except (ExpressionError, Refused) as error:
            causes = [_cause(declared.id, _cause_of(error))]
            return _refused(declared, given, causes, is_default=is_default, render_error=True)
        if declared.input.type is InputType.REUSABLE_INPUTS:
            return _refused(declared, given, [_cause(declared.id, Cause(_NO_REUSABLE_INPUTS, _NO_REUSABLE_INPUTS))])
        if value is None or _is_left_empty(declared.input, value):
            return _refused(declared, None, [_missing(declared)] if declared.input.required else [])
        return self._typed(declared, value, allowed, is_default=is_default)

    def _typed(
        self, declared: Declared, value: Any, allowed: Sequence[Any] | None, *, is_default: bool
    ) -> ResolvedInput:
        one = declared.input
        kind = InputType.STRING if one.type is InputType.SECRET else one.type
        try:
            clear = parse(kind, value, item=one.item_type)
            if holds_sealed(clear):
                raise Refused(_NOT_GIVEN)
            causes = violations(one, clear, allowed=allowed)
            kept = clear if causes or kind is one.type else parse(one.type, clear, encrypt=self._encrypt)
        except Refused as error:
            return _refused(declared, value, [_cause(declared.id, error.cause)], is_default=is_default)
        if causes:
            return _refused(declared, value, [_cause(declared.id, cause) for cause in causes], is_default=is_default)
        return ResolvedInput(declared.id, one, kept, is_default=is_default, clear=clear)

    def _default(self, one: Input, seen: Mapping[str, Any], allowed: Sequence[Any] | None) -> Any:
        if one.defaults is not None:
            return self._render(one.defaults, seen)
        if not (one.auto_select_first and allowed):
            return None
        first = option(allowed[0])
        return [first] if one.type is InputType.MULTISELECT else first

    def _allowed(self, one: Input, seen: Mapping[str, Any]) -> Sequence[Any] | None:
        """The values one may choose from: written, or given by an expression."""
        if one.expression is None:
            return one.values
        try:
            listed = parse(InputType.JSON, self._render(one.expression.strip(), seen))
        except (ExpressionError, Refused) as error:
            raise Refused(f"Cannot render 'expression'. Cause: {error}") from error
        if not isinstance(listed, list):
            raise Refused("Invalid expression result. Expected a list of values")
        if any(isinstance(entry, dict) and "value" not in entry for entry in cast(list[Any], listed)):
            raise Refused("Select option object must define a `value` field")
        return [entry for entry in cast(list[Any], listed) if entry is not None]


_NOT_GIVEN = "it holds an encrypted value: those are the server's, and would be opened for whoever gives one"
_NO_REUSABLE_INPUTS = "there are no reusable sets of inputs on this server; write the inputs into the flow"


def _with_choice(declared: Declared, allowed: Sequence[Any] | None) -> Declared:
    """The input with the values that its expression gave: what a form lets people choose from."""
    if declared.input.expression is None:
        return declared
    chosen = declared.input.model_copy(update={"values": tuple(allowed or ()), "expression": None})
    return msgspec.structs.replace(declared, input=chosen)


def _is_left_empty(one: Input, value: Any) -> bool:
    """Forms and expressions that come out as nothing give an empty text: of an optional number or date it is null."""
    return value == "" and not one.required and one.type not in TEXTUAL


def _cause(name: str, cause: Cause) -> Cause:
    return Cause(f"Invalid value for input `{name}`. Cause: {cause.words}", cause.meaning)


def _cause_of(error: Exception) -> Cause:
    return error.cause if isinstance(error, Refused) else Cause(str(error), str(error))


def _missing(declared: Declared) -> Cause:
    meaning = f"a value is needed, of type {declared.input.type}: the input is required and has no default"
    return Cause(f"Missing required input:{declared.id}", meaning)


def _refused(
    declared: Declared,
    value: Any,
    causes: Sequence[Cause],
    *,
    enabled: bool = True,
    is_default: bool = False,
    render_error: bool = False,
) -> ResolvedInput:
    errors = tuple(InputError(cause.words, cause.meaning, render_error) for cause in causes)
    return ResolvedInput(declared.id, declared.input, value, enabled, is_default, errors)


def _is_meant(name: str, names: Sequence[str]) -> bool:
    return any(name == meant or name.startswith(f"{meant}.") for meant in names)


def given_value(given: Mapping[str, Any], name: str) -> Any:
    """A value by its full id, or inside mappings of the groups it belongs to."""
    if name in given:
        return given[name]
    for cut in _dots(name):
        found = given_value(_group(given.get(name[:cut])), name[cut + 1 :])
        if found is not None:
            return found
    return None


def _group(given: Any) -> Mapping[str, Any]:
    """A mapping, or the JSON text of one, as forms send it; what is neither holds nothing."""
    if isinstance(given, dict):
        return cast(dict[str, Any], given)
    if not isinstance(given, str) or not given.lstrip().startswith("{"):
        return {}
    try:
        return cast(dict[str, Any], parse(InputType.FORM, given))
    except Refused:
        return {}


def _unknown(given: Mapping[str, Any], declared: Mapping[str, Declared]) -> tuple[str, ...]:
    known = {name[:cut] for name in declared for cut in (*_dots(name), len(name))}
    return tuple(name for name in given if name not in known)


def _dots(name: str) -> list[int]:
    return [place for place, character in enumerate(name) if character == "."]
