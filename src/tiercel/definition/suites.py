"""Unit tests read from their text: a file of their own, or the `tests` of a flow; and what is wrong with them."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec
from pydantic import ValidationError

from tiercel.definition.document import Document
from tiercel.definition.mistakes import closest, explain
from tiercel.definition.problem import Path, Problem, errors, sort
from tiercel.definition.read import parse
from tiercel.definition.walk import mappings
from tiercel.model.flow import Flow
from tiercel.model.suites import UNIT_TEST, Assertion, TestSuite

CASES = "testCases"
INLINE = "tests"
_NO_OPERATORS = frozenset({"value", "task_id", "description", "error_message"})
OPERATORS = tuple(name for name in Assertion.model_fields if name not in _NO_OPERATORS)
"""The fields of an assertion that say what must hold."""


class SuiteReading(msgspec.Struct, frozen=True):
    """What was read. `suite` is there when nothing forbids running it."""

    suite: TestSuite | None
    problems: tuple[Problem, ...]
    document: Document
    cases: Path = (CASES,)
    """Where the test cases stand in the document."""


def is_suite(document: Document) -> bool:
    """A file of unit tests names its test cases; anything else is none."""
    return CASES in document.data


def read_suite(text: str) -> SuiteReading | None:
    """The tests of a text; None where it is no file of tests."""
    document, problems = parse(text)
    if document is None or not is_suite(document):
        return None
    try:
        suite, mistakes = TestSuite.model_validate(document.data), []
    except ValidationError as error:
        suite, mistakes = None, explain(error, document)
    found = sort([*problems, *mistakes, *_checked(document, (CASES,))])
    return SuiteReading(None if errors(found) else suite, found, document)


def suite_of(flow: Flow, document: Document) -> SuiteReading | None:
    """The tests that stand in the flow itself; None where there are none."""
    if not flow.tests:
        return None
    suite = TestSuite(id=flow.id, namespace=flow.namespace, flow_id=flow.id, test_cases=flow.tests)
    found = sort(_checked(document, (INLINE,)))
    return SuiteReading(None if errors(found) else suite, found, document, (INLINE,))


def check_against(reading: SuiteReading, tasks: frozenset[str], inputs: frozenset[str]) -> tuple[Problem, ...]:
    """The names in the tests that the flow does not have."""
    return sort(_unknown(reading, tasks, inputs))


def _checked(document: Document, place: Path) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for case in mappings(document.at(place), place):
        line = document.span((*case.path, "id")).line
        if case.id in first:
            message = f"`{case.id}` is the id of the test in line {first[case.id]} too: give each its own"
            yield document.problem("duplicate-id", message, (*case.path, "id"))
        first.setdefault(case.id, line)
        if case.type_name not in ("", UNIT_TEST):
            message = f"a test is of the type `{UNIT_TEST}`, not `{case.type_name}`"
            yield document.problem("unknown-type", message, (*case.path, "type"), fix=UNIT_TEST)
        yield from _without_operator(document, case.path)


def _without_operator(document: Document, case: Path) -> Iterator[Problem]:
    place = (*case, "assertions")
    known = {name for field in OPERATORS for name in _names(field)}
    for assertion in mappings(document.at(place), place):
        if known.isdisjoint(assertion.data):
            message = f"the assertion says nothing of its value: give one of {', '.join(map(_written, OPERATORS))}"
            yield document.problem("missing", message, assertion.path)


def _unknown(reading: SuiteReading, tasks: frozenset[str], inputs: frozenset[str]) -> Iterator[Problem]:
    document = reading.document
    for case in mappings(document.at(reading.cases), reading.cases):
        place = (*case.path, "fixtures", "tasks")
        for fixture in mappings(document.at(place), place):
            yield from _not_there(document, (*fixture.path, "id"), fixture.id, "task", tasks)
        given = document.at((*case.path, "fixtures", "inputs"))
        for name in cast(dict[str, Any], given) if isinstance(given, dict) else ():
            path = (*case.path, "fixtures", "inputs", name)
            yield from _not_there(document, path, name, "input", frozenset(inputs))


def _not_there(document: Document, path: Path, name: str, kind: str, known: frozenset[str]) -> Iterator[Problem]:
    if name and name.split(".")[0] not in known and name not in known:
        meant = closest(name, known)
        hint = f"; did you mean `{meant}`?" if meant else ""
        yield document.problem("unknown-name", f"the flow has no {kind} `{name}`{hint}", path, fix=meant)


def _names(field: str) -> Iterator[str]:
    info = Assertion.model_fields[field]
    yield _written(field)
    alias = info.validation_alias
    yield from (str(name) for name in getattr(alias, "choices", ()))


def _written(field: str) -> str:
    return Assertion.model_fields[field].alias or _camel(field)


def _camel(field: str) -> str:
    first, *others = field.split("_")
    return first + "".join(word.title() for word in others)
