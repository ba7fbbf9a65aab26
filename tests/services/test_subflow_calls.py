"""`subflow()` in inputs, on an executor: what comes back, what is refused, how deep it goes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tiercel.adapters.memory.clock import START
from tiercel.cli.run_local import Local, local
from tiercel.model.errors import TiercelError
from tiercel.ports.flows import FlowDraft
from tiercel.services.catalog import PluginCatalog
from tiercel.services.creator import Wish

CITIES = """
id: cities
namespace: company.team
inputs:
  - id: country
    type: STRING
    defaults: France
tasks:
  - id: find
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.country == 'France' ? 'Paris' : 'elsewhere' }}"
outputs:
  - id: capital
    type: STRING
    value: "{{ outputs.find.value }}"
"""
FAILING = """
id: failing
namespace: company.team
tasks:
  - id: fail
    type: io.kestra.plugin.core.execution.Fail
"""


def asking(expression: str, name: str = "asking") -> str:
    flow: dict[str, Any] = {
        "id": name,
        "namespace": "company.team",
        "inputs": [{"id": "given", "type": "STRING", "defaults": expression}],
        "tasks": [{"id": "show", "type": "io.kestra.plugin.core.debug.Return", "format": "{{ inputs.given }}"}],
    }
    return yaml.safe_dump(flow)


@asynccontextmanager
async def server(folder: Path, *sources: str) -> AsyncIterator[Local]:
    drafts = [
        FlowDraft(namespace="company.team", id=yaml.safe_load(source)["id"], source=source, at=START)
        for source in sources
    ]
    async with local(folder, flows=drafts, catalog=PluginCatalog.installed()) as running:
        yield running


async def given(folder: Path, expression: str, *sources: str) -> Any:
    """What the input of a flow becomes."""
    async with server(folder, *sources, asking(expression)) as running:
        created = await running.executor.create(Wish(namespace="company.team", flow_id="asking"))
        return created.created.inputs["given"]


async def refused(folder: Path, expression: str, *sources: str) -> str:
    with pytest.raises(TiercelError) as caught:
        await given(folder, expression, *sources)
    return str(caught.value)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (".outputs.capital", "Paris"),
        (".state", "SUCCESS"),
        (".id | length", "22"),
    ],
)
async def test_what_the_other_flow_gave_comes_back(tmp_path: Path, asked: str, expected: str) -> None:
    assert await given(tmp_path, "{{ subflow('company.team', 'cities')" + asked + " }}", CITIES) == expected


async def test_inputs_and_labels_are_handed_on(tmp_path: Path) -> None:
    call = "subflow('company.team', 'cities', inputs={'country': 'Italy'}, labels={'team': 'data'})"
    assert await given(tmp_path, "{{ " + call + ".outputs.capital }}", CITIES) == "elsewhere"
    assert await given(tmp_path, "{{ " + call + ".labels.team }}", CITIES) == "data"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("subflow('company.team', 'nowhere')", "nowhere"),
        ("subflow('company.team', 'failing')", "ended FAILED"),
        ("subflow('company.team', 'cities', timeout='PT10M')", "exceeds the maximum of PT5M"),
        ("subflow('company.team', 'cities', timeout='soon')", "is no duration"),
        ("subflow('company.team', 'cities', labels={'system.from': 'x'})", "`system.from`"),
        ("subflow('company.team', 'cities', inputs=[1])", "must be a map"),
    ],
)
async def test_what_goes_wrong_there_is_the_error_here(tmp_path: Path, call: str, said: str) -> None:
    assert said in await refused(tmp_path, "{{ " + call + ".state }}", CITIES, FAILING)


async def test_flows_that_call_one_another_come_to_an_end(tmp_path: Path) -> None:
    there, back = (
        asking(f"{{{{ subflow('company.team', '{other}').state }}}}", name) for name, other in (("a", "b"), ("b", "a"))
    )
    assert "depth" in await refused(tmp_path, "{{ subflow('company.team', 'a').state }}", there, back)
