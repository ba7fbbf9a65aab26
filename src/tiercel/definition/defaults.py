"""Plugin defaults: properties that a flow or the server gives to all tasks and triggers of a type.

Put in on a copy of the raw data before it becomes a Flow; the source stays as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from tiercel.definition.document import Document
from tiercel.definition.problem import errors
from tiercel.definition.read import Reading, read_data, without_unknown
from tiercel.model.flow import PluginDefault
from tiercel.model.flowable import Structural, task_class

_PREFIX = "io.kestra.plugin."
_LEFT_ALONE = frozenset({"pluginDefaults", "taskDefaults", "variables", "inputs", "outputs", "labels"})


def with_defaults(reading: Reading, of_the_server: Sequence[PluginDefault] = ()) -> Reading:
    """The reading with the flow's own defaults and the server's put in; itself where there are none.

    Properties that a default brings and a type does not know are left out. Where the defaults break the flow, the
    answer has their problems and no flow: the caller says so and runs the flow without them.
    """
    if reading.flow is None or reading.document is None:
        return reading
    defaults = [*reading.flow.plugin_defaults, *of_the_server]
    if not defaults:
        return reading
    merged = read_data(apply(reading.document.data, defaults))
    if all(problem.code == "unknown-property" for problem in errors(merged.problems)):
        return read_data(without_unknown(cast(Document, merged.document)))
    return merged


def apply(data: Mapping[str, Any], defaults: Sequence[PluginDefault]) -> dict[str, Any]:
    """The data with the defaults in every mapping that has a type. The nearest defaults come first.

    What is not forced yields to what is written, and the nearest wins; among forced ones the farthest wins.
    """
    return {name: value if name in _LEFT_ALONE else _applied(value, defaults) for name, value in data.items()}


def _applied(value: Any, defaults: Sequence[PluginDefault]) -> Any:
    if isinstance(value, list):
        return [_applied(item, defaults) for item in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    written = cast(dict[str, Any], value)
    name = written.get("type")
    merged = _merged(written, name, defaults) if isinstance(name, str) else written
    return {key: _applied(inner, defaults) for key, inner in merged.items()}


def _merged(written: dict[str, Any], name: str, defaults: Sequence[PluginDefault]) -> dict[str, Any]:
    matching = [entry for entry in defaults if _is_meant(name, entry.type)]
    for entry in matching:
        if not entry.forced:
            written = _under(entry.values, written)
    for entry in matching:
        if entry.forced:
            written = _under(written, entry.values)
    return written


def _is_meant(name: str, of: str) -> bool:
    """A default is for its type, whatever the spelling, and for all types that begin with it."""
    return _full(name).startswith(_full(of))


def _full(name: str) -> str:
    known = task_class(name)
    if issubclass(known, Structural):
        return known.types[0]
    return name if name.startswith("io.") or "." not in name else _PREFIX + name


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
