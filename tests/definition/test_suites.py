"""Unit tests of flows read from their text, and what is wrong with them, with the line."""

from tiercel.definition import read
from tiercel.definition.suites import SuiteReading, check_against, read_suite, suite_of

SUITE = """\
id: suite
namespace: test
flowId: flow
testCases:
  - id: one
    type: io.kestra.core.tests.flow.UnitTest
    fixtures:
      inputs: {name: Ada}
      tasks: [{id: fetch, outputs: {code: 200}}]
    assertions:
      - {value: "{{ outputs.a.value }}", equalsTo: x, in: [x, y]}
"""
FLOW = """\
id: flow
namespace: test
tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.nothing ?? '' }}"}]
tests:
  - id: one
    assertions: [{value: "{{ outputs.nothing }}", isNull: true}]
"""


def suite(text: str) -> SuiteReading:
    found = read_suite(text)
    assert found is not None
    return found


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in suite(text).problems]


def test_a_file_of_tests_is_read() -> None:
    found = suite(SUITE)
    assert (found.suite is not None, found.problems) == (True, ())
    assertion = found.suite.test_cases[0].assertions[0]
    assert (assertion.equal_to, assertion.in_) == ("x", ("x", "y"))


def test_a_flow_is_no_file_of_tests() -> None:
    assert read_suite(FLOW) is None
    assert read_suite("[") is None


def test_a_file_of_tests_that_is_taken_for_a_flow_is_told_in_one_problem() -> None:
    reading = read(SUITE)
    assert reading.flow is None
    assert [(problem.line, problem.message) for problem in reading.problems] == [
        (4, "this is a file of tests, which `tiercel test` runs; a flow has `tasks`")
    ]


def test_what_is_missing_or_unknown_is_told_with_its_line() -> None:
    broken = SUITE.replace("flowId: flow\n", "").replace("assertions:", "assertoins:")
    told = problems(broken)
    assert [message for _, message in told if "`flowId` is missing: a file of tests needs it" in message]
    assert [line for line, message in told if "assertoins" in message] == [9]


def test_an_assertion_that_says_nothing_is_refused() -> None:
    told = problems(SUITE.replace(", equalsTo: x, in: [x, y]", ""))
    assert [(line, message[:32]) for line, message in told] == [(11, "the assertion says nothing of it")]


def test_two_tests_have_two_ids_and_one_type() -> None:
    twice = SUITE + "  - {id: one, type: other, assertions: []}\n"
    assert [line for line, _ in problems(twice)] == [12, 12]
    assert suite(twice).suite is None


def test_names_that_the_flow_does_not_have_are_told() -> None:
    told = check_against(suite(SUITE), frozenset({"fetsh"}), frozenset({"name"}))
    assert [(problem.line, problem.fix) for problem in told] == [(9, "fetsh")]
    told = check_against(suite(SUITE), frozenset({"fetch"}), frozenset())
    assert [problem.message for problem in told] == ["the flow has no input `name`"]


def test_tests_may_stand_in_the_flow_where_their_expressions_are_their_own() -> None:
    reading = read(FLOW)
    assert reading.problems == ()
    assert reading.flow is not None
    assert reading.document is not None
    found = suite_of(reading.flow, reading.document)
    assert found is not None
    assert found.suite is not None
    assert (found.suite.flow_id, found.suite.test_cases[0].id) == ("flow", "one")
