"""The lines of a report, in this order: MACHINE, LIMIT, RUN, RESULT, GATE."""

from typing import Any

import msgspec

from bench.machine import line


class Gate(msgspec.Struct, frozen=True):
    """A figure and what it must be."""

    id: str
    value: float | None
    must: float
    aim: float | None = None
    at_least: bool = False
    void: str | None = None
    """Why nothing can be said."""

    def verdict(self, threshold: float) -> str:
        if self.value is None or self.void:
            return "VOID"
        return "PASS" if (self.value >= threshold if self.at_least else self.value <= threshold) else "FAIL"

    def __str__(self) -> str:
        aim = "" if self.aim is None else f" aim={self.verdict(self.aim)}"
        value = self.void or self.value
        return f"GATE {self.id} must={self.verdict(self.must)}{aim} value={value} threshold={self.must}{'' if self.aim is None else f' ({self.aim})'}"


class Report:
    """Prints each line as it comes and keeps it for `--json`."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self.gates: list[Gate] = []

    def say(self, kind: str, facts: dict[str, Any]) -> None:
        if self.quick:
            facts = {"QUICK": True, **facts}
        self.lines.append((kind, facts))
        print(line(kind, facts), flush=True)

    def gate(self, gate: Gate) -> None:
        self.gates.append(gate)
        print(gate, flush=True)

    def failed(self) -> bool:
        return any(gate.verdict(gate.must) == "FAIL" for gate in self.gates)
