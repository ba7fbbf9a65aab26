"""The language without a server: templates rendered in a loop, flows read and checked. Beside each a bare loop.

CPU is counted, not time, so that the figures hold on a machine that others use too.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import yaml as pyyaml

from bench.flows import FLOW_OF_60_LINES
from bench.report import Gate, Report
from tiercel.definition import check, read
from tiercel.expression import Budget, Surroundings, compile, render, render_typed
from tiercel.services.catalog import PluginCatalog

REPETITIONS = 5
FLOWS = 10_000
CONTEXT: Mapping[str, Any] = {
    "outputs": {"a": {"values": {"b": "World"}}},
    "inputs": {"name": "World", "n": 3, "rows": list(range(100))},
    "flow": {"id": "f", "namespace": "n"},
}
GATED = "{{ outputs.a.values.b }}"
TEMPLATES: Mapping[str, str] = {
    "path": GATED,
    "text": "Hello {{ inputs.name }}, this is {{ flow.namespace }}.{{ flow.id }}",
    "filters": "{{ inputs.name | upper | substringBefore('D') ?? 'nobody' }}",
    "condition": "{{ inputs.n > 2 and inputs.name == 'World' ? 'yes' : 'no' }}",
    "loop": "{% for row in inputs.rows %}{{ row }},{% endfor %}",
}


def expr(report: Report) -> None:
    """A template rendered in a loop: what is asked of one core, beside the look-up that Python itself would do."""
    count = 20_000 if report.quick else 200_000
    bare = _repeated(lambda: _bare_look_ups(count))
    report.say("LIMIT", {"workload": "expr", "bare_look_ups_per_s": round(count / bare)})
    for variant, template in TEMPLATES.items():
        per_s = _rendered(report, variant, template, count if variant != "loop" else count // 100)
        facts = {"renders_per_s": per_s, "times_bare_look_up": round(count / bare / per_s, 2)}
        report.say("RESULT", {"workload": "expr", "variant": variant, **facts})
        if template == GATED:
            report.gate(Gate("expr.renders_per_s", per_s, must=150_000, at_least=True))


def yaml(report: Report) -> None:
    """A flow of 60 lines read and checked, and many of them, beside what the YAML parser alone takes."""
    catalog, text = PluginCatalog.installed(), FLOW_OF_60_LINES
    problems = check(read(text), catalog)
    if problems:
        raise ValueError(f"the flow of the bench is wrong: {problems[0].message}")
    count = 100 if report.quick else 500
    bare = _repeated(lambda: _each(count, lambda n: _parsed(text)))
    report.say("LIMIT", {"workload": "yaml", "bare_parser_ms": round(1000 * bare / count, 3)})
    seconds = [_cpu_of(lambda: _each(count, lambda n: check(read(text), catalog))) for _ in range(REPETITIONS)]
    for taken in seconds:
        report.say("RUN", {"workload": "yaml", "variant": "60-lines", "n": count, "cpu_ms_each": _ms(taken, count)})
    each = _ms(median(seconds), count)
    facts = {"cpu_ms_each": each, "spread": _spread(seconds), "times_bare_parser": round(median(seconds) / bare, 2)}
    report.say("RESULT", {"workload": "yaml", "variant": "60-lines", **facts})
    report.gate(Gate("yaml.60_lines_ms", each, must=3))
    _many_flows(report, catalog)


def _many_flows(report: Report, catalog: PluginCatalog) -> None:
    """Flows that differ, as a folder of them does: nothing is known from the one before."""
    count = FLOWS // 10 if report.quick else FLOWS
    texts = [FLOW_OF_60_LINES.replace("sixty_lines", f"flow_{n}").replace("World", f"World {n}") for n in range(count)]
    taken = _cpu_of(lambda: _each(count, lambda n: check(read(texts[n]), catalog)))
    report.say("RUN", {"workload": "yaml", "variant": "many", "n": count, "cpu_s": round(taken, 2)})
    scaled = round(taken * FLOWS / count, 2)
    report.say("RESULT", {"workload": "yaml", "variant": "many", f"cpu_s_for_{FLOWS}": scaled})
    report.gate(Gate("yaml.10000_flows_s", scaled, must=30))


def _rendered(report: Report, variant: str, template: str, count: int) -> int:
    """Renderings a second of CPU, each as a property is rendered: looked up among the compiled ones, by text."""
    seconds = [_cpu_of(lambda: _renderings(template, count)) for _ in range(REPETITIONS)]
    for taken in seconds:
        report.say("RUN", {"workload": "expr", "variant": variant, "n": count, "per_s": round(count / taken)})
    return round(count / median(seconds))


def _renderings(template: str, count: int) -> None:
    surroundings = Surroundings(
        at=datetime(2025, 1, 6, tzinfo=UTC), zone=ZoneInfo("UTC"), seed=1, budget=Budget(steps=10**9)
    )
    compiled = compile(template)
    if render(template, CONTEXT, surroundings) != str(render_typed(template, CONTEXT, surroundings)):
        raise ValueError(f"{template} does not give the same twice")
    for _ in range(count):
        compiled.render(CONTEXT, surroundings)


def _bare_look_ups(count: int) -> None:
    context = CONTEXT
    for _ in range(count):
        str(context["outputs"]["a"]["values"]["b"])


def _parsed(text: str) -> None:
    for _ in pyyaml.parse(text, Loader=pyyaml.CSafeLoader):
        pass


def _each(count: int, work: Callable[[int], object]) -> None:
    for number in range(count):
        work(number)


def _repeated(work: Callable[[], None]) -> float:
    """The median of some repetitions."""
    return median(_cpu_of(work) for _ in range(REPETITIONS))


def _cpu_of(work: Callable[[], None]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _ms(seconds: float, count: int) -> float:
    return round(1000 * seconds / count, 3)


def _spread(values: list[float]) -> float:
    return round(max(values) / min(values), 2)


WORKLOADS: Mapping[str, Callable[[Report], None]] = {"expr": expr, "yaml": yaml}
"""They need no server."""
