"""Plugin defaults: properties that a flow or the server gives to all tasks and triggers of a type.

Put in on a copy of the raw data before it becomes a Flow; the source stays as it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from tiercel.model.flow import PluginDefault
from tiercel.model.flowable import Structural, task_class

PREFIX = "io.kestra.plugin."
NAMES = ("pluginDefaults", "taskDefaults")
"""What a flow calls its own; the second is the name of old."""
_LEFT_ALONE = frozenset({*NAMES, "variables", "inputs", "outputs", "labels"})

Resolve = Callable[[str], str | None]
"""The current name of a type, given any of its names."""


class ServerDefault(PluginDefault):
    """A default that the server gives: to all flows, or to those of a namespace and of what is below it."""

    namespace: str | None = None


@dataclass(frozen=True)
class Defaults:
    """What a flow is given besides its own."""

    entries: Sequence[ServerDefault] = ()
    resolve: Resolve = lambda name: None

    def over(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """The data of a flow with its own defaults and the server's put in; None where there are none."""
        entries = [*own_defaults(data), *self._of(str(data.get("namespace")))]
        return apply(data, entries, self.resolve) if entries else None

    def _of(self, namespace: str) -> list[ServerDefault]:
        """The nearest namespace first, then what is for all."""
        meant = (one for one in self.entries if one.namespace is None or _is_within(namespace, one.namespace))
        return sorted(meant, key=lambda one: -len(one.namespace or ""))


def _is_within(namespace: str, outer: str) -> bool:
    return namespace == outer or namespace.startswith(f"{outer}.")


NO_DEFAULTS = Defaults()


def own_defaults(data: Mapping[str, Any]) -> list[PluginDefault]:
    """The defaults that a flow brings itself, as far as they can be read."""
    return [entry for name in NAMES for written in _listed(data.get(name)) for entry in _readable(written)]


def _listed(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def _readable(written: Any) -> Iterator[PluginDefault]:
    try:
        yield PluginDefault.model_validate(written)
    except ValidationError:
        return


def apply(
    data: Mapping[str, Any], defaults: Sequence[PluginDefault], resolve: Resolve = lambda name: None
) -> dict[str, Any]:
    """The data with the defaults in every mapping that has a type. The nearest defaults come first.

    What is not forced yields to what is written, and the nearest wins; among forced ones the farthest wins.
    """
    merging = _Merging(defaults, resolve)
    return {name: value if name in _LEFT_ALONE else merging.applied(value) for name, value in data.items()}


class _Merging:
    def __init__(self, defaults: Sequence[PluginDefault], resolve: Resolve) -> None:
        self._resolve = resolve
        self._defaults = [(self._names(entry.type), entry) for entry in defaults]
        self._of_types: dict[str, list[PluginDefault]] = {}

    def applied(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.applied(item) for item in cast(list[Any], value)]
        if not isinstance(value, dict):
            return value
        written = cast(dict[str, Any], value)
        name = written.get("type")
        merged = self._merged(written, name) if isinstance(name, str) else written
        return {key: self.applied(inner) for key, inner in merged.items()}

    def _merged(self, written: dict[str, Any], name: str) -> dict[str, Any]:
        matching = self._matching(name)
        for entry in matching:
            if not entry.forced:
                written = _under(entry.values, written)
        for entry in matching:
            if entry.forced:
                written = _under(written, entry.values)
        return written

    def _matching(self, name: str) -> list[PluginDefault]:
        if name not in self._of_types:
            names = self._names(name)
            self._of_types[name] = [entry for meant, entry in self._defaults if _is_meant(names, meant)]
        return self._of_types[name]

    def _names(self, name: str) -> set[str]:
        """A type as it is written, in full, and by the name it has now."""
        current = self._resolve(name)
        return {full_name(name), name, *([current] if current else [])}


def _is_meant(names: set[str], meant: set[str]) -> bool:
    """A default is for its type, whatever the spelling, and for all types that begin with it."""
    return any(name.startswith(beginning) for name in names for beginning in meant)


def full_name(name: str) -> str:
    """The name of a type without abbreviation; of tasks that the engine knows itself, the one they have now."""
    known = task_class(name)
    if issubclass(known, Structural):
        return known.types[0]
    return prefixed(name)


def prefixed(name: str) -> str:
    """A type as it is called, with the beginning that may be left out."""
    return name if name.startswith("io.") or "." not in name else PREFIX + name


def _under(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` wins; mappings are merged, lists are put together, the lower one first."""
    merged = dict(below)
    for name, value in above.items():
        merged[name] = _both(merged[name], value) if name in merged else value
    return merged


def _both(low: Any, high: Any) -> Any:
    if isinstance(low, dict) and isinstance(high, dict):
        return _under(cast(dict[str, Any], low), cast(dict[str, Any], high))
    if isinstance(low, list) and isinstance(high, list):
        return [*cast(list[Any], low), *cast(list[Any], high)]
    return high
