"""The original's sentence for an unknown property: with the names that a server of 2.0 was recorded to list."""

import json
import re
from pathlib import Path

import pytest

from tiercel.definition import check, legacy_text, read
from tiercel.services.catalog import PluginCatalog

_TAIL = re.compile(r"\(class ([\w.$]+)\), not marked as ignorable \((\d+) known properties: (.*?)\)")
LOG = "    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
TASK = f"tasks:\n  - id: a\n{LOG}"
FLOWS = {
    "io.kestra.plugin.core.log.Log": f"{TASK}    colour: red\n",
    "io.kestra.core.models.flows.FlowWithSource": f"{TASK}colour: red\n",
    "io.kestra.core.models.tasks.retrys.Constant": f"{TASK}    retry: {{type: constant, interval: PT1S, colour: red}}\n",
    "io.kestra.plugin.core.trigger.Schedule": (
        f'{TASK}triggers: [{{id: s, type: core.trigger.Schedule, cron: "@daily", colour: red}}]\n'
    ),
    "io.kestra.plugin.core.trigger.Flow": (
        f"{TASK}triggers: [{{id: s, type: core.trigger.Flow, dependsOn: [{{flowId: x}}], colour: red}}]\n"
    ),
    "io.kestra.plugin.core.http.SseRequest": "tasks: [{id: a, type: core.http.SseRequest, uri: x, colour: red}]\n",
}


def tails(text: str) -> dict[str, set[str]]:
    return {found[1]: set(re.findall(r"\w+", found[3])) for found in _TAIL.finditer(text)}


@pytest.mark.parametrize("name", FLOWS)
def test_the_properties_that_are_listed_are_those_of_the_original(name: str, shared: Path) -> None:
    golden = shared / "conformance/golden"
    recorded: dict[str, set[str]] = {}
    for file in [golden / "docs-flows.jsonl", *golden.glob("api/*.json"), *golden.glob("2.0/*.json")]:
        for line in file.read_text().splitlines():
            recorded |= tails(line.replace('\\"', '"'))
    text = f"id: one\nnamespace: my.team\n{FLOWS[name]}"
    said = tails(legacy_text(check(read(text), PluginCatalog.installed())) or "")
    assert said[name] - {"maxEvents"} == recorded[name]


def test_an_unknown_property_of_a_retry_of_no_known_type_breaks_nothing() -> None:
    text = f"id: one\nnamespace: my.team\n{TASK}    retry: {{type: constnt, colour: red}}\n"
    assert json.dumps([problem.code for problem in read(text).problems]) == '["choice", "unknown-property"]'
