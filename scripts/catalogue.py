"""Writes the facts about the ecosystem's plugin types that the package carries: names, properties and what they take.

`python -m scripts.catalogue CATALOGUE.json` reads the catalogue beside the specification and writes
src/tiercel/services/known_types.json.gz, which services/known_types.py reads. Facts only: no prose of anybody.
"""

# ruff: noqa: T201

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from tiercel.services.known_types import FILE, Facts, KnownModel, KnownProperty, KnownType

Entry = dict[str, Any]
_OBJECT = re.compile(r"object\(([^()]*)\)")
_WORDS = frozenset(
    {
        *("string", "integer", "number", "boolean", "duration", "datetime", "date", "time", "uri", "bytes", "any"),
        *("data", "task", "condition", "taskRunner", "retry"),
    }
)
_NESTED = re.compile(r"(list|map)<(.*)>")
_ENUM = re.compile(r"enum\([A-Za-z0-9_.\-]+(\|[A-Za-z0-9_.\-]+)*\)")
_LIMITS = {"min": "minimum", "max": "maximum", "sizeMax": "longest"}


SEEN = {
    "io.kestra.plugin.core.http.SseRequest": ("maxEvents",),
    "io.kestra.plugin.tencent.qq.QQExecution": (),
    "io.kestra.plugin.tencent.qq.QQIncomingWebhook": (),
}
"""Types and properties that published flows use and the catalogue has not: known by name, and no more."""
EARLIER = {
    "io.kestra.core.models.tasks.runners.types.ProcessTaskRunner": "io.kestra.plugin.core.runner.Process",
    "io.kestra.plugin.scripts.runner.docker.DockerTaskRunner": "io.kestra.plugin.scripts.runner.docker.Docker",
    "io.kestra.plugin.ee.kubernetes.runner.KubernetesTaskRunner": "io.kestra.plugin.ee.kubernetes.runner.Kubernetes",
    "io.kestra.plugin.ee.aws.runner.AwsBatchTaskRunner": "io.kestra.plugin.ee.aws.runner.Batch",
    "io.kestra.plugin.ee.azure.runner.AzureBatchTaskRunner": "io.kestra.plugin.ee.azure.runner.Batch",
    "io.kestra.plugin.ee.gcp.runner.GcpBatchTaskRunner": "io.kestra.plugin.ee.gcp.runner.Batch",
    "io.kestra.plugin.ee.gcp.runner.GcpCloudRunTaskRunner": "io.kestra.plugin.ee.gcp.runner.CloudRun",
}
"""What task runners were called before 0.17, which the catalogue has not either."""


def main(source: str) -> None:
    target = Path(__file__).parents[1] / "src/tiercel/services" / FILE
    facts = facts_of(msgspec.json.decode(Path(source).read_bytes()))
    target.write_bytes(gzip.compress(msgspec.json.encode(facts), mtime=0))
    print(f"{target.name}: {len(facts.types)} types, {len(facts.models)} objects, {target.stat().st_size} bytes")


def facts_of(catalogue: Entry) -> Facts:
    """What the file holds, from the catalogue as it was gathered."""
    objects = cast(dict[str, Entry], catalogue["models"])
    models = {name: _model(entry, objects) for name, entry in sorted(objects.items())}
    types = {entry["type"]: _type(entry, objects) for entry in catalogue["types"]}
    types |= {name: _with_seen(types.get(name), seen) for name, seen in SEEN.items()}
    return Facts(types=dict(sorted(types.items())), models=models, aliases=dict(_aliases(catalogue, set(types))))


def _aliases(catalogue: Entry, present: set[str]) -> Iterator[tuple[str, str]]:
    """Earlier names; task runners of the commercial edition were once those of the open one."""
    for once, name in EARLIER.items():
        yield once, name
        yield once.replace(".ee.", ".", 1), name
    for name in sorted(present):
        if ".ee." in name and ".runner." in name and (once := name.replace(".ee.", ".", 1)) not in present:
            yield once, name
    for entry in catalogue["types"]:
        for alias in entry["aliases"]:
            if alias not in present:
                yield alias, entry["type"]


def _type(entry: Entry, objects: dict[str, Entry]) -> KnownType:
    """Of a type that was only seen in a list of files nobody knows the properties."""
    listed: list[Entry] | None = entry["properties"] or (None if _is_hearsay(entry) else [])
    properties = None if listed is None else tuple(_property(one, objects) for one in listed)
    return KnownType(entry["kind"], properties, is_deprecated=bool(entry["deprecated"]))


def _with_seen(known: KnownType | None, seen: tuple[str, ...]) -> KnownType:
    if known is None:
        return KnownType("task")
    more = tuple(KnownProperty(name, "any") for name in seen)
    return KnownType(known.kind, (*(known.properties or ()), *more), is_deprecated=known.is_deprecated)


def _is_hearsay(entry: Entry) -> bool:
    return entry["source"] != "snapshot"


def _model(entry: Entry, objects: dict[str, Entry]) -> KnownModel:
    properties = tuple(_property(one, objects) for one in entry["properties"] or ())
    return KnownModel(properties, is_open=bool(entry["abstract"]))


def _property(entry: Entry, objects: dict[str, Entry]) -> KnownProperty:
    has_default = any(key in entry for key in ("default", "defaultExpr", "documentedDefault"))
    return KnownProperty(
        entry["name"],
        "any" if "oneOf" in entry else _kind(entry["type"], objects),
        is_required=bool(entry["required"]) and not has_default,
        is_deprecated=bool(entry.get("deprecated")) or "(deprecated)" in entry["type"],
        is_secret=bool(entry.get("secret")),
        default=entry.get("default"),
        limits=_limits(entry),
    )


def _limits(entry: Entry) -> dict[str, float]:
    found = {ours: float(entry[theirs]) for theirs, ours in _LIMITS.items() if theirs in entry}
    if entry.get("positive"):
        found["minimum"] = 1.0
    return found | ({"minimum": 0.0} if entry.get("positiveOrZero") else {})


def _kind(written: str, objects: dict[str, Entry]) -> str:
    """The type of a property; `any` where the catalogue has no certain word for it."""
    kind = written.removesuffix(" (deprecated)")
    if kind in _WORDS or _ENUM.fullmatch(kind):
        return kind
    if (nested := _NESTED.fullmatch(kind)) is not None:
        return f"{nested[1]}<{_kind(nested[2], objects)}>"
    named = _OBJECT.fullmatch(kind)
    return kind if named is not None and named[1] in objects else "any"


if __name__ == "__main__":
    main(sys.argv[1])
