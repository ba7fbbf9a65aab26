"""Everything that can be said of a definition before it runs: what reading found, and what belongs together.

Each rule looks at raw data, so that one mistake does not hide another. Stored flows (does a subflow exist?) are the
registry's to know.
"""

from collections.abc import Callable, Iterable

from tiercel.definition.catalog import Catalog
from tiercel.definition.checks.defaults import check_defaults
from tiercel.definition.checks.deprecated import check_deprecated
from tiercel.definition.checks.expressions import check_expressions
from tiercel.definition.checks.ids import check_ids
from tiercel.definition.checks.inputs import check_inputs
from tiercel.definition.checks.labels import check_labels
from tiercel.definition.checks.outputs import check_outputs
from tiercel.definition.checks.structure import check_structure
from tiercel.definition.checks.triggers import check_triggers
from tiercel.definition.checks.types import check_types
from tiercel.definition.document import Document
from tiercel.definition.problem import Problem, Severity, sort
from tiercel.definition.read import Reading

RULES: tuple[Callable[[Document], Iterable[Problem]], ...] = (
    check_ids,
    check_structure,
    check_labels,
    check_inputs,
    check_triggers,
    check_outputs,
    check_expressions,
    check_deprecated,
)
RULES_OF_TYPES: tuple[Callable[[Document, Catalog], Iterable[Problem]], ...] = (check_types, check_defaults)


def check(reading: Reading, catalog: Catalog) -> tuple[Problem, ...]:
    """All problems of a definition in the order of its lines, those of reading it included."""
    document = reading.document
    if document is None:
        return reading.problems
    found = [problem for rule in RULES for problem in rule(document)]
    found += [problem for rule in RULES_OF_TYPES for problem in rule(document, catalog)]
    return sort([*reading.problems, *found])


def deprecation_paths(problems: Iterable[Problem]) -> list[str]:
    """What `deprecationPaths` of a validation answer carries."""
    return [problem.path for problem in problems if problem.code == "deprecated"]


def warnings(problems: Iterable[Problem]) -> list[str]:
    """What `warnings` carries: the place stands in front, for the answer has no other room for it."""
    return [_placed(problem) for problem in problems if problem.severity is Severity.WARNING]


def infos(problems: Iterable[Problem]) -> list[str]:
    """What `infos` carries: types that have a new name."""
    return [problem.message for problem in problems if problem.code == "alias"]


def _placed(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" if problem.path else problem.message
