"""Cases about one expression or one task: each becomes a flow of one task, run in an installation that has what it needs."""

import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from tests.conformance.installation import Installation, Seen, installation
from tests.conformance.stubs import catalog
from tests.conformance.values import says, shown

from tiercel.expression import ExpressionError, Surroundings, compile
from tiercel.model.errors import TiercelError
from tiercel.model.kv import value_of
from tiercel.model.log import LogEntry
from tiercel.model.states import State
from tiercel.ports.templates import TemplateDraft
from tiercel.services.creator import Wish

NAMESPACE = "io.kestra.tests"
RETURN = "io.kestra.plugin.core.debug.Return"
ASSERT = "io.kestra.plugin.core.execution.Assert"


async def judge(root: Path, case: dict[str, Any], secrets: Mapping[str, str]) -> list[str]:
    """What is wrong with what comes out."""
    needs = [str(need.get("other")) for need in case.get("needs") or [] if "other" in need]
    if any("trigger variable" in need for need in needs):
        return _beside_a_trigger(case)
    sources = [(root / need["flow"]).read_text() for need in case.get("needs") or [] if "flow" in need]
    flow = _flow(case["expression"], _namespace(needs))
    with tempfile.TemporaryDirectory(prefix="tiercel-case-") as folder:
        sources.append(yaml.safe_dump(flow, sort_keys=False))
        async with installation(Path(folder), sources=sources, secrets=secrets, types=catalog()) as house:
            await furnish(house, needs)
            wish = Wish(namespace=flow["namespace"], flow_id=flow["id"])
            try:
                created = await house.server.executor.create(wish)
            except TiercelError as error:
                return _refused(str(error), case["expect"])
            await house.until(lambda: not house.seen(created.created.id).live, "the end")
            await house.rest()
            return await _problems(house, house.seen(created.created.id), case["expect"])


def _beside_a_trigger(case: dict[str, Any]) -> list[str]:
    """No flow of one task renders this: a trigger does, by itself."""
    surroundings = Surroundings(at=datetime.fromisoformat("2026-01-01T00:00:00Z"), zone=ZoneInfo("UTC"), seed=1)
    try:
        compile(case["expression"]).render({"flow": {"namespace": NAMESPACE}, "trigger": {"id": "any"}}, surroundings)
    except ExpressionError as error:
        return _refused(error.message, case["expect"])
    return [f"is not refused with {case['expect'].get('error')!r}"]


def _flow(expression: str, namespace: str) -> dict[str, Any]:
    task = {"id": "task", "type": RETURN, "format": expression}
    flow: dict[str, Any] = {"id": "expression-of-a-case", "namespace": namespace, "tasks": [task]}
    if "subflow(" in expression:
        # What it gives is known before an execution begins: it belongs to inputs.
        flow["inputs"] = [{"id": "value", "type": "STRING", "defaults": expression}]
        task["format"] = "{{ inputs.value }}"
    if expression.startswith("task "):
        flow["inputs"] = [{"id": "key", "type": "STRING", "defaults": "value"}]
        flow["tasks"] = [{"id": "task", "type": ASSERT, "conditions": _conditions(expression)}]
    return flow


def _conditions(sentence: str) -> list[str]:
    """The conditions that a case names; where it says how many there are, the others hold."""
    found = re.findall(r"\{\{.*?\}\}", sentence.replace("\\'", "'"))
    number = re.search(r"conditions (\d+) of which", sentence)
    return [*found, *["{{ 42 == 42 }}"] * (int(number[1]) - len(found) if number else 0)]


def _namespace(needs: list[str]) -> str:
    named = [match[1] for need in needs if (match := re.search(r"flow namespace (\S+)", need))]
    return named[0] if named else NAMESPACE


async def furnish(house: Installation, needs: list[str]) -> None:
    """Keys, values, files and log lines, as the cases describe them."""
    at = house.clock.now()
    for need in needs:
        if need.startswith("one execution log and one non-execution log"):
            await house.server.stores.logs.append([_line(at, "an-execution"), _line(at, None)])
        for key, namespace, written in _pairs(need):
            await house.server.stores.kv.put(value_of(written), tenant="main", namespace=namespace, key=key, at=at)
        for template in _templates(need, at=at):
            await house.server.stores.templates.save(template)
            await house.server.registry.load()
        for path, text in _files(need):
            await house.server.stores.namespace_files.write(_text(text), tenant="main", namespace=NAMESPACE, path=path)
        if "expired" in need:
            for key in ("my-expired-key", "another-expired-key"):
                await house.server.stores.kv.put(
                    value_of("value"),
                    tenant="main",
                    namespace=NAMESPACE,
                    key=key,
                    at=at,
                    expires=at - timedelta(hours=1),
                )


def _line(at: datetime, execution_id: str | None) -> LogEntry:
    return LogEntry(
        namespace=NAMESPACE, flow_id="any", timestamp=at, level="INFO", message="before", execution_id=execution_id
    )


async def _text(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


def _templates(need: str, *, at: datetime) -> Iterator[TemplateDraft]:
    """`template my.company/name with one Log task test, message {{ … }}`."""
    if found := re.match(r"template (\S+)/(\S+) with one Log task (\w+), message (.*)", need):
        namespace, identifier, task, message = found.groups()
        tasks = [{"id": task, "type": "io.kestra.plugin.core.log.Log", "message": message}]
        source = yaml.safe_dump({"id": identifier, "namespace": namespace, "tasks": tasks}, sort_keys=False)
        yield TemplateDraft(namespace=namespace, id=identifier, source=source, at=at)


def _files(need: str) -> list[tuple[str, str]]:
    """`namespace files /a/1.txt=first, /b/2.txt=second in my.company`."""
    return re.findall(r"(/\S+)=(\w+)", need) if need.startswith("namespace files ") else []


def _pairs(need: str) -> list[tuple[str, str, dict[str, str]]]:
    """`kv my-key = {field: value}`, `kv my-key in my.company = {…}, in my = {…}`."""
    key = re.match(r"kv (\S+)", need)
    if key is None:
        return []
    inside = re.findall(r"(?:in (\S+) )?= \{(\w+): (\w+)\}(?: in (\S+))?", need)
    return [(key[1], before or after or NAMESPACE, {name: value}) for before, name, value, after in inside]


async def _problems(house: Installation, seen: Seen, expected: dict[str, Any]) -> list[str]:
    run, lines = seen.runs[0], [entry.message for entry in await house.lines(seen.id)]
    problems: list[str] = []
    value = (shown(run.outputs) or {}).get("value")
    if "result" in expected and value != expected["result"]:
        problems.append(f"gives {value!r}, not {expected['result']!r}; {lines[-1:]}")
    if "error" in expected:
        problems += _refusal(run.state.current, lines, expected["error"])
    problems += [f"no line says {words!r}" for words in expected.get("log_contains", []) if not says(words, lines)]
    reported, _ = await house.server.stores.logs.metrics(seen.id, page=1, size=100)
    metrics = {entry.name: entry.value for entry in reported}
    problems += [
        f"the metric {name} is {metrics.get(name, 0)}, not {number}"
        for name, number in expected.get("metrics", {}).items()
        if metrics.get(name, 0) != number
    ]
    return problems


def _refused(words: str, expected: dict[str, Any]) -> list[str]:
    """Nothing was created."""
    if "error" not in expected:
        return [f"is refused: {words}"]
    return _refusal(State.FAILED, [words], expected["error"])


def _refusal(state: State, lines: list[str], wanted: str) -> list[str]:
    """Sentences of the original are ours where ours say the same of the same thing: the words that name it must stand."""
    if state is not State.FAILED:
        return [f"is not refused with {wanted!r}"]
    if wanted.startswith("contains: "):
        return [] if says(wanted, lines) else [f"says {lines[-1:]}, not {wanted!r}"]
    names = re.findall(r"'([^']+)'", wanted.partition(" (")[0])
    missing = [name for name in names if not any(name in line for line in lines)]
    return [f"says {lines[-1:]}, without {missing}"] if missing else []
