"""Runs expression vectors: a template, its context, and the text, value or kind of error that must come out.

`python -m tests.conformance.vectors FILE…` prints each failure and, last, how many passed and failed.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.conformance.fixture_host import FixtureHost

from tiercel.expression import Compiler, Dialect, ExpressionError, Surroundings, compile, render
from tiercel.expression.values import Float
from tiercel.model.durations import parse_duration

TYPED: Mapping[str, Callable[[Any], Any]] = {
    "$zdt": lambda text: datetime.fromisoformat(text),
    "$instant": lambda text: datetime.fromisoformat(text).astimezone(UTC),
    "$ldt": lambda text: datetime.fromisoformat(text),
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$duration": parse_duration,
    "$long": int,
    "$uri": str,
    "$float": lambda text: Float.rounded(float(text)),
    "$bigdecimal": Decimal,
    "$set": list,
}
RECURSIVE = Compiler(Dialect(is_recursive=True))


@dataclass(frozen=True)
class Outcome:
    """What one vector gave beside what it wants; `problem` is empty when they agree."""

    id: str
    topic: str
    certain: bool
    problem: str


def run_file(path: Path) -> Iterator[Outcome]:
    """Every vector of a file, run."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield run_vector(json.loads(line))


def run_vector(vector: Mapping[str, Any]) -> Outcome:
    return Outcome(vector["id"], vector["topic"], vector["certain"], _problem(vector))


def _problem(vector: Mapping[str, Any]) -> str:
    wanted_error = vector.get("error")
    try:
        result = _rendered(vector)
    except ExpressionError as error:
        if wanted_error in {error.kind, "any"}:
            return ""
        return f"{vector['template']!r}: got the error {error.kind} ({error}), wanted {_wanted(vector)}"
    if wanted_error is None and _agrees(vector, result):
        return ""
    return f"{vector['template']!r}: got {result!r}, wanted {_wanted(vector)}"


def _wanted(vector: Mapping[str, Any]) -> str:
    return f"the error {vector['error']}" if vector.get("error") else repr(vector["expected"])


def _rendered(vector: Mapping[str, Any]) -> Any:
    template, context = vector["template"], untyped(vector.get("context") or {})
    surroundings = surroundings_of(vector.get("fixtures") or {})
    if not isinstance(template, str):
        return render(template, context, surroundings)
    compiled = RECURSIVE.compile(template) if vector.get("recursive") else compile(template)
    if vector.get("mode") == "typed":
        return compiled.render_typed(context, surroundings)
    return compiled.render(context, surroundings)


def _agrees(vector: Mapping[str, Any], result: Any) -> bool:
    expected = vector["expected"]
    match vector.get("compare"):
        case "json":
            return json.loads(result) == (json.loads(expected) if isinstance(expected, str) else expected)
        case "regex":
            return re.search(expected, result) is not None
        case _:
            return result == expected and isinstance(result, bool) == isinstance(expected, bool)


def untyped(value: Any) -> Any:
    """A context with its wrappers of types that JSON lacks replaced by the values they stand for."""
    if isinstance(value, dict):
        if len(value) == 1 and (wrapper := next(iter(value))) in TYPED:
            return TYPED[wrapper](value[wrapper])
        return {key: untyped(item) for key, item in value.items()}
    return [untyped(item) for item in value] if isinstance(value, list) else value


def surroundings_of(fixtures: Mapping[str, Any]) -> Surroundings:
    now = fixtures.get("now", "2025-01-06T10:15:30.123456Z")
    return Surroundings(
        at=datetime.fromisoformat(now),
        zone=ZoneInfo(fixtures.get("timezone", "UTC")),
        seed=7,
        task_run="vector",
        host=FixtureHost(fixtures),
    )


def _doubt(outcome: Outcome) -> str:
    return "" if outcome.certain else ", uncertain"


def main(files: list[str]) -> int:
    outcomes = [outcome for file in files for outcome in run_file(Path(file))]
    failed = [outcome for outcome in outcomes if outcome.problem]
    lines = [f"{outcome.id} ({outcome.topic}{_doubt(outcome)}) {outcome.problem}" for outcome in failed]
    lines.append(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
