"""`io.kestra.plugin.core.kv.Put`: writes a value of whatever type it has, or changes parts of the one that is there."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, cast

from tiercel.plugins.kv.get import missing
from tiercel.sdk import NoOutput, RunContext, Task, TaskFailed, value_of

_FIELDS = {"key", "value"}


class Put(Task[NoOutput], type="io.kestra.plugin.core.kv.Put"):
    """Write a value into the key-value store as it is: a text stays a text, a list or a map stays one.

    A map changes the map that is there and leaves its other fields, at any depth. A list of `key` and `value` changes
    these fields, `nested.field` too, and `[{value: …}]` replaces whatever is there. The description and the end of an
    entry that is there stay.
    """

    example = """
        id: keep_settings
        namespace: company.team
        tasks:
          - id: keep
            type: io.kestra.plugin.core.kv.Put
            key: settings
            value:
              threshold: 100
              countries: [de, fr]
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ kv('settings').threshold }}"
    """

    key: str
    """The name of the value, within its namespace."""
    value: Any
    """What to keep, or what to change of it."""
    namespace: str | None = None
    """Without it, that of the flow."""
    error_on_missing: bool = False
    """Fail where the key is not there yet."""

    async def run(self, ctx: RunContext) -> None:
        namespace = self.namespace or ctx.info.namespace
        entry = await ctx.kv.get(self.key, namespace)
        if entry is not None:
            await ctx.kv.replace(entry, value_of(_changed(entry.value, self.value)))
        elif self.error_on_missing:
            raise TaskFailed(missing(self.key, namespace))
        else:
            await ctx.kv.put(self.key, value_of(_changed(None, self.value)), namespace=namespace)


def _changed(present: Any, written: Any) -> Any:
    """What is there with what is written in it."""
    if _is_list_of_fields(written):
        return _with_fields(present, written)
    if isinstance(present, Mapping) and isinstance(written, Mapping):
        return _merged(cast(Mapping[str, Any], present), cast(Mapping[str, Any], written))
    return written


def _is_list_of_fields(written: Any) -> bool:
    if not isinstance(written, list) or not written:
        return False
    return all(_is_field(entry) for entry in cast(list[Any], written))


def _is_field(entry: Any) -> bool:
    return isinstance(entry, dict) and "value" in entry and cast(dict[str, Any], entry).keys() <= _FIELDS


def _with_fields(present: Any, entries: Sequence[Mapping[str, Any]]) -> Any:
    if any(entry.get("key") is None for entry in entries):
        if len(entries) > 1:
            raise TaskFailed("`value` entries without `key` can only be used as a single replacement item.")
        return entries[0]["value"]
    if not isinstance(present, Mapping | None):
        raise TaskFailed("Cannot apply keyed `value` updates to a non-JSON existing KV value.")
    changes = [_nested(str(entry["key"]), entry["value"]) for entry in entries]
    return reduce(_merged, changes, cast(Mapping[str, Any], present or {}))


def _nested(path: str, value: Any) -> dict[str, Any]:
    """`a.b` as a map in a map."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def _merged(present: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Maps in maps are merged; of everything else, what is written counts."""
    both = present.keys() & written.keys()
    inner = {name: _merged(present[name], written[name]) for name in both if _are_maps(present[name], written[name])}
    return {**present, **written, **inner}


def _are_maps(*values: Any) -> bool:
    return all(isinstance(value, Mapping) for value in values)
