"""Everything that can be said of a definition before it runs: what reading found, and what belongs together.

Each rule looks at raw data, so that one mistake does not hide another. Whoever knows the other flows of an installation
brings them in as neighbours; without any nothing is said of them.
"""

from collections.abc import Callable, Iterable
from itertools import islice

from tiercel.definition.catalog import Catalog
from tiercel.definition.checks.conditions import check_conditions
from tiercel.definition.checks.defaults import check_defaults
from tiercel.definition.checks.deprecated import check_deprecated
from tiercel.definition.checks.expressions import check_expressions
from tiercel.definition.checks.ids import check_ids
from tiercel.definition.checks.inputs import check_inputs
from tiercel.definition.checks.labels import check_labels
from tiercel.definition.checks.outputs import check_outputs
from tiercel.definition.checks.parts import check_parts
from tiercel.definition.checks.references import check_references
from tiercel.definition.checks.structure import check_structure
from tiercel.definition.checks.subflows import check_subflows
from tiercel.definition.checks.triggers import check_triggers
from tiercel.definition.checks.types import check_types
from tiercel.definition.checks.unreachable import check_unreachable
from tiercel.definition.checks.unrendered import check_unrendered
from tiercel.definition.checks.wholes import check_wholes
from tiercel.definition.document import Document
from tiercel.definition.neighbours import Neighbours
from tiercel.definition.problem import MOST_PROBLEMS, Problem, Severity, sort
from tiercel.definition.read import Reading

RULES: tuple[Callable[[Document], Iterable[Problem]], ...] = (
    check_ids,
    check_structure,
    check_labels,
    check_inputs,
    check_triggers,
    check_outputs,
    check_expressions,
    check_unrendered,
    check_wholes,
    check_unreachable,
    check_deprecated,
)
RULES_OF_TYPES: tuple[Callable[[Document, Catalog], Iterable[Problem]], ...] = (
    check_types,
    check_conditions,
    check_parts,
    check_references,
    check_defaults,
)


def check(reading: Reading, catalog: Catalog, neighbours: Neighbours | None = None) -> tuple[Problem, ...]:
    """All problems of a definition in the order of its lines, those of reading it included."""
    document = reading.document
    if document is None:
        return reading.problems
    found = _of(document, catalog)
    if reading.merged is not None:
        found = _without_given(found, reading.merged, catalog)
    if neighbours is not None:
        found += check_subflows(document, neighbours)
    return sort([*reading.problems, *found])


def _of(document: Document, catalog: Catalog) -> list[Problem]:
    """Of each rule no more than anybody mends at once: finding the name that was meant takes its time."""
    found = [problem for rule in RULES for problem in islice(rule(document), MOST_PROBLEMS)]
    return found + [problem for rule in RULES_OF_TYPES for problem in islice(rule(document, catalog), MOST_PROBLEMS)]


def _without_given(found: list[Problem], merged: Document, catalog: Catalog) -> list[Problem]:
    """What a plugin default gives is not missing."""
    if all(problem.code != "missing" for problem in found):
        return found
    missing = {problem.path for problem in _of(merged, catalog) if problem.code == "missing"}
    return [problem for problem in found if problem.code != "missing" or problem.path in missing]


def deprecation_paths(problems: Iterable[Problem]) -> list[str]:
    """What `deprecationPaths` of a validation answer carries."""
    return [problem.path for problem in problems if problem.code == "deprecated"]


def warnings(problems: Iterable[Problem]) -> list[str]:
    """What `warnings` carries: the original's words, or ours with the place in front, for there is no other room for it."""
    return [problem.legacy or _placed(problem) for problem in problems if problem.severity is Severity.WARNING]


def infos(problems: Iterable[Problem]) -> list[str]:
    """What `infos` carries: types that have a new name."""
    return [problem.message for problem in problems if problem.code == "alias"]


def _placed(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" if problem.path else problem.message
