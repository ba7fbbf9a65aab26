"""The known types: names, aliases and classes of all installed plugins. Imports a class at its first use, not before.

A distribution brings types by an entry point of the group `tiercel.plugins` that names a dict: type → `module:Class`,
or old name → present name. It knows no stored flows (that is the registry) and runs nothing (that is run_task).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from tiercel.definition import PropertyProblem
from tiercel.model.conditions import CONDITIONS, condition_class
from tiercel.model.errors import TiercelError
from tiercel.model.flowable import FLOWABLES
from tiercel.sdk import AnyOutput, Output, Plugin, Task, Trigger
from tiercel.sdk.docs import meanings
from tiercel.services.families import sentence_for
from tiercel.services.faults import explain, value_at
from tiercel.services.known_properties import known_problems
from tiercel.services.known_types import known_types
from tiercel.services.likeness import Likeness
from tiercel.services.prepared import holds_expression, plain
from tiercel.services.shapes import TYPED, Shape, shape_of_class, spellings

GROUP = "tiercel.plugins"
PREFIX = "io.kestra.plugin."
_REMEMBERED = 1024
"""Unknown names of which it is remembered what they were probably meant to be."""
BUILT_IN = "core"
"""The entry point of the types that come with the server: only these may run inside the executor."""

PluginT = TypeVar("PluginT", bound=Plugin)


class UnknownType(TiercelError):
    """No plugin brings this type, or brings it as something else than what is wanted."""


class BrokenPlugin(TiercelError):
    """A type's class cannot be imported."""


class PluginCatalog:
    """Answers `definition.Catalog`, and gives classes to whoever runs tasks."""

    def __init__(
        self, types: Mapping[str, str], *, built_in: Iterable[str] = (), broken: Mapping[str, str] | None = None
    ) -> None:
        self._targets = {**_structural(), **types}
        self._built_in = frozenset(built_in)
        self._classes: dict[str, type[Plugin]] = {}
        self._instant: dict[str, bool] = {}
        self.broken = dict(broken or {})
        """Distributions that could not be read, with the reason: shown by `doctor`, no hindrance for the others."""

    @classmethod
    def installed(cls) -> "PluginCatalog":
        """The types of all installed distributions."""
        types: dict[str, str] = {}
        built_in: frozenset[str] = frozenset()
        broken: dict[str, str] = {}
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name != BUILT_IN):
            try:
                brought = _types_of(point)
            except Exception as error:  # noqa: BLE001 – a broken plugin must not keep the others from working
                broken[point.name] = f"{type(error).__name__}: {error}"
                continue
            built_in = frozenset(brought) if point.name == BUILT_IN else built_in
            types = brought | types
        return cls(types, built_in=built_in, broken=broken)

    # names ----------------------------------------------------------------------------------------------------------

    def resolve(self, name: str) -> str | None:
        """The full current name of a type, given that name, its short form or an old alias; None where unknown."""
        for candidate in (name, PREFIX + name):
            target = self._targets.get(candidate)
            if target is not None:
                return candidate if ":" in target else self.resolve(target)
        condition = condition_class(name)
        return None if condition is None else condition.names[0]

    def names(self) -> list[str]:
        """All current names of tasks and triggers that a flow may write, sorted: steps of a task are none."""
        return sorted({name for name in map(self.resolve, self._targets) if name is not None and "$" not in name})

    def every_name(self) -> list[str]:
        """Present names and earlier ones."""
        return sorted(self._targets)

    @cached_property
    def _likeness(self) -> Callable[[str], list[str]]:
        known = {*self.names(), *known_types().types, *(known.names[0] for known in CONDITIONS.values())}
        return lru_cache(_REMEMBERED)(Likeness(sorted(known)).of)

    def kind(self, name: str) -> str | None:
        """`task`, `trigger`, `condition` …; None where unknown or broken."""
        current = self.resolve(name)
        if current is None:
            return None
        if current not in self._targets:
            return "condition"
        if current in FLOWABLES:
            return "task"
        try:
            plugin = self.plugin(current)
        except BrokenPlugin:
            return None
        return "task" if issubclass(plugin, Task) else "trigger" if issubclass(plugin, Trigger) else "plugin"

    def suggestions(self, name: str) -> Sequence[str]:
        """Known types that an unknown name was probably meant to be, the likeliest first; those that are here go first."""
        found = self._likeness(name)
        return sorted(found, key=lambda one: one not in self._targets)

    def missing_extra(self, name: str) -> str | None:
        """A sentence to show for a type that exists but is not installed; None for what is probably a typing error."""
        if known_types().current(name) is None and self.suggestions(name):
            return None
        return sentence_for(name)

    # classes --------------------------------------------------------------------------------------------------------

    def plugin(self, name: str) -> type[Plugin]:
        """The class of a type, imported now if it was not before. Raises UnknownType, BrokenPlugin."""
        known = self._classes.get(name)
        if known is not None:
            return known
        current = self.resolve(name)
        if current is None:
            raise UnknownType(self._unknown(name))
        if current in FLOWABLES or current not in self._targets:
            raise UnknownType(f"{current} is decided by the engine: it has no class to run")
        made = self._classes[name] = self._classes[current] = _imported(current, self._targets[current])
        return made

    def task(self, name: str) -> type[Task[Any]]:
        """The class of a runnable task."""
        plugin = self.plugin(name)
        if not issubclass(plugin, Task):
            raise UnknownType(f"{name} is no task")
        return cast(type[Task[Any]], plugin)

    def is_instant(self, name: str) -> bool:
        """Whether a task runs inside the executor. Imports built-in classes only."""
        known = self._instant.get(name)
        if known is None:
            known = self._instant[name] = self._is_instant(name)
        return known

    # properties -----------------------------------------------------------------------------------------------------

    def problems(self, name: str, properties: Mapping[str, Any]) -> Sequence[PropertyProblem]:
        """What is wrong with the properties of a type; values holding an expression are trusted.

        Of a type that is not installed the ecosystem's facts tell.
        """
        current = self.resolve(name)
        if current is None:
            known = known_types().type(name)
            return [] if known is None else known_problems(known_types(), known, properties)
        if current in FLOWABLES or current not in self._targets:
            return []
        try:
            plugin = self.plugin(current)
        except BrokenPlugin as error:
            return [PropertyProblem(("type",), "invalid", str(error))]
        return _problems(plugin, properties)

    def outputs(self, name: str) -> Sequence[str] | None:
        """The names of what a task gives; None where that is not known here."""
        current = self.resolve(name)
        if current is None or current in FLOWABLES or current not in self._targets:
            return None
        try:
            return _outputs(self.plugin(current))
        except BrokenPlugin:
            return None

    def schema(self, name: str) -> dict[str, Any]:
        """The JSON Schema of a type's properties, with the meaning of each."""
        try:
            plugin = self.plugin(name)
        except BrokenPlugin as error:
            return {"description": str(error)}
        return _schema(plugin)

    def _is_instant(self, name: str) -> bool:
        current = self.resolve(name)
        if current not in self._built_in or current in FLOWABLES:
            return False
        plugin = self.plugin(current)
        return issubclass(plugin, Task) and plugin.is_instant

    def _unknown(self, name: str) -> str:
        near = self.suggestions(name)
        hint = f"did you mean {near[0]}?" if near else self.missing_extra(name) or "no installed plugin brings it"
        return f"unknown type {name}; {hint}"


def _structural() -> dict[str, str]:
    """The types that the engine decides itself: their classes are in model.flowable."""
    aliases = {name: known.types[0] for name, known in FLOWABLES.items()}
    return aliases | {name: f"tiercel.model.flowable:{FLOWABLES[name].__name__}" for name in set(aliases.values())}


def _types_of(point: EntryPoint) -> dict[str, str]:
    return dict(cast(Mapping[str, str], point.load()))


def _imported(name: str, target: str) -> type[Plugin]:
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise BrokenPlugin(f"the class of {name} cannot be imported from {target}: {error}") from error


def _problems(plugin: type[Plugin], properties: Mapping[str, Any]) -> Sequence[PropertyProblem]:
    shape = shape_of_class(plugin)
    raw = {
        key: plain(value, (shape.fields or {}).get(key, TYPED))
        for key, value in properties.items()
        if value is not None
    }
    deprecated = list(_deprecated(plugin, raw))
    try:
        plugin.model_validate(raw)
    except ValidationError as error:
        return [*(fault for fault in explain(error, raw, plugin) if not _is_trusted(fault, raw, shape)), *deprecated]
    return deprecated


def _schema(plugin: type[Plugin]) -> dict[str, Any]:
    schema = plugin.model_json_schema(by_alias=True, mode="validation")
    explained = meanings(plugin)
    for name, field in plugin.model_fields.items():
        entry = schema["properties"].get(spellings(name, field)[0])
        if entry is not None and name in explained:
            entry["description"] = explained[name]
    return schema


@cache
def output_class(plugin: type[Plugin]) -> type[Output] | None:
    """The record that a task says it gives: `Task[QueryOutput]`. None where the names are known only when they are there."""
    for base in plugin.__mro__:
        metadata = cast(Mapping[str, Any], getattr(base, "__pydantic_generic_metadata__", {}))
        for given in metadata.get("args", ()):
            if isinstance(given, type) and issubclass(given, Output):
                return None if issubclass(given, AnyOutput) else given
    return None


def _outputs(plugin: type[Plugin]) -> Sequence[str] | None:
    given = output_class(plugin)
    return None if given is None else given.__struct_encode_fields__


def _deprecated(plugin: type[Plugin], raw: Mapping[str, Any]) -> Iterator[PropertyProblem]:
    """What is written in an old way; the class says what to write instead."""
    for name, field in plugin.model_fields.items():
        for spelling in spellings(name, field):
            if isinstance(field.deprecated, str) and spelling in raw:
                yield PropertyProblem(
                    (spelling,), "deprecated", f"property `{spelling}` is deprecated: {field.deprecated}"
                )


def _is_trusted(problem: PropertyProblem, raw: Mapping[str, Any], shape: Shape) -> bool:
    """A value that holds an expression is looked at when it is rendered, if it ever is."""
    written = (shape.fields or {}).get(str(problem.path[0]), TYPED) if problem.path else TYPED
    if written.raw:
        return False
    return problem.kind == "invalid" and holds_expression(value_at(raw, problem.path))
