"""The lines of a report, in this order: MACHINE, LIMIT, RUN, RESULT, GATE."""

from typing import Any

import msgspec

from bench.machine import core_share, line

BUSY = 0.6
"""Whoever gets less of a core cannot judge times."""


class Gate(msgspec.Struct, frozen=True):
    """A figure and what it must be."""

    id: str
    value: float | None
    must: float
    aim: float | None = None
    at_least: bool = False
    is_time: bool = False
    """A time, which a busy machine makes longer; not a cost, a ratio or a count."""
    void: str | None = None
    """Why nothing can be said."""

    def verdict(self, threshold: float) -> str:
        if self.value is None or self.void:
            return "VOID"
        return "PASS" if (self.value >= threshold if self.at_least else self.value <= threshold) else "FAIL"

    def __str__(self) -> str:
        aim = "" if self.aim is None else f" aim={self.verdict(self.aim)}"
        threshold = f"{self.must}" if self.aim is None else f"{self.must} ({self.aim})"
        why = "" if self.void is None else f" reason={self.void!r}"
        return f"GATE {self.id} must={self.verdict(self.must)}{aim} value={self.value} threshold={threshold}{why}"


class Report:
    """Prints each line as it comes and keeps it for `--json`."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self.gates: list[Gate] = []
        self.share = 1.0
        """Of a core, as the latest run had it."""

    def say(self, kind: str, facts: dict[str, Any]) -> None:
        if self.quick:
            facts = {"QUICK": True, **facts}
        if kind == "RUN":
            self.share = core_share(0.2)
            facts = {**facts, "core_share": round(self.share, 2)}
        self.lines.append((kind, facts))
        print(line(kind, facts), flush=True)

    def gate(self, gate: Gate) -> None:
        if gate.is_time and self.share < BUSY:
            gate = msgspec.structs.replace(gate, void=f"core_share {self.share:.2f}")
        self.gates.append(gate)
        print(gate, flush=True)

    def failed(self) -> bool:
        return any(gate.verdict(gate.must) == "FAIL" for gate in self.gates)
