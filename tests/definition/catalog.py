"""A small catalog for tests: a few types, one installed elsewhere, one with an old name."""

from collections.abc import Mapping, Sequence
from typing import Any

from tiercel.definition import PropertyProblem

LOG = "io.kestra.plugin.core.log.Log"
SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"
WEBHOOK = "io.kestra.plugin.core.trigger.Webhook"
QUERY = "io.kestra.plugin.jdbc.postgresql.Query"


class SmallCatalog:
    known = {
        LOG: frozenset({"message", "level"}),
        SCHEDULE: frozenset({"cron", "timezone"}),
        WEBHOOK: frozenset({"key"}),
        "io.kestra.plugin.core.trigger.Flow": frozenset({"dependsOn", "window"}),
        "io.kestra.plugin.core.debug.Return": frozenset({"format"}),
    }
    aliases = {"io.kestra.core.tasks.log.Log": LOG}

    def resolve(self, name: str) -> str | None:
        full = name if name.startswith("io.") else f"io.kestra.plugin.{name}"
        found = self.aliases.get(full, full)
        return found if found in self.known else None

    def kind(self, name: str) -> str | None:
        return "trigger" if ".trigger." in name else "task"

    def problems(self, name: str, properties: Mapping[str, Any]) -> Sequence[PropertyProblem]:
        known = self.known.get(self.resolve(name) or "", frozenset({"sql", "url"}))
        found = [self._unknown(one, known) for one in properties if one not in known]
        if self.resolve(name) == LOG and "message" not in properties:
            found.append(PropertyProblem(("message",), "missing", "is missing"))
        if "cron" in properties and len(str(properties["cron"]).split()) != 5:
            words = f"invalid cron expression '{properties['cron']}': a cron has five fields"
            found.append(PropertyProblem(("cron",), "invalid", "a cron has five fields", legacy=words))
        return found

    def _unknown(self, name: str, known: frozenset[str]) -> PropertyProblem:
        near = next((one for one in known if one[:3] == name[:3]), None)
        return PropertyProblem((name,), "unknown", f"no property {name}", near)

    def outputs(self, name: str) -> Sequence[str] | None:
        return ["value"] if (self.resolve(name) or "").endswith("debug.Return") else None

    def suggestions(self, name: str) -> Sequence[str]:
        return [one for one in self.known if one[:-2] == name[:-2]]

    def missing_extra(self, name: str) -> str | None:
        return "it is a type of PostgreSQL, not installed: pip install 'tiercel[sql]'" if name == QUERY else None
