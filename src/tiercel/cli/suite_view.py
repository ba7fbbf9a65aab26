"""What unit tests came to: as lines for people, as JSON, and as the XML that CI systems read."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import msgspec

from tiercel.cli.suite_run import Report
from tiercel.services.suite_results import Coverage, SuiteResult, TestState, UnitTestResult

MARKS = {TestState.SUCCESS: "✓", TestState.FAILED: "✘", TestState.ERROR: "✘", TestState.SKIPPED: "-"}


def as_text(report: Report, *, coverage: bool) -> str:
    return "\n".join(_lines(report, coverage=coverage))


def as_json(report: Report) -> str:
    document = {"suites": report.suites, "coverage": report.coverage}
    return msgspec.json.encode(document).decode()


def _lines(report: Report, *, coverage: bool) -> Iterator[str]:
    for suite in report.suites:
        yield f"{suite.namespace}.{suite.flow_id}  {suite.file}"
        for result in suite.results:
            yield from _of_case(result)
    if coverage:
        yield from map(_covered, report.coverage)
    states = [result.state for suite in report.suites for result in suite.results]
    counted = {state: states.count(state) for state in TestState if state in states}
    yield ", ".join(f"{count} {state.lower()}" for state, count in counted.items()) or "no tests"


def _of_case(result: UnitTestResult) -> Iterator[str]:
    yield f"  {MARKS[result.state]} {result.test_id}  {result.state}  {result.duration:.2f} s"
    yield from (f"      {line}" for line in reasons(result))


def reasons(result: UnitTestResult) -> Iterator[str]:
    """Why a test did not succeed."""
    for error in result.errors:
        yield error.message
        if error.details:
            yield f"    {error.details}"
    for each in result.assertion_results:
        if not each.is_success:
            about = " ".join(text for text in (each.task_id, each.description) if text)
            yield f"{about}: {each.error_message}" if about else str(each.error_message)


def _covered(coverage: Coverage) -> str:
    reached = coverage.total - len(coverage.missed)
    fixed = f", {len(coverage.fixed)} of them as fixtures" if coverage.fixed else ""
    missed = f"; not: {', '.join(coverage.missed)}" if coverage.missed else ""
    return f"{coverage.namespace}.{coverage.flow_id}: tests came to {reached} of {coverage.total} tasks{fixed}{missed}"


# JUnit ------------------------------------------------------------------------------------------------------------------


def as_junit(report: Report) -> str:
    suites = "".join(map(_junit_suite, report.suites))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>{suites}\n</testsuites>\n'


def _junit_suite(suite: SuiteResult) -> str:
    states = [result.state for result in suite.results]
    counts = {
        "tests": len(states),
        "failures": states.count(TestState.FAILED),
        "errors": states.count(TestState.ERROR),
        "skipped": states.count(TestState.SKIPPED),
    }
    numbers = " ".join(f'{name}="{count}"' for name, count in counts.items())
    name, at = quoteattr(f"{suite.namespace}.{suite.test_suite_id}"), suite.start_date.strftime("%Y-%m-%dT%H:%M:%S")
    cases = "".join(_junit_case(suite, result) for result in suite.results)
    return f'\n  <testsuite name={name} {numbers} timestamp="{at}">{cases}\n  </testsuite>'


def _junit_case(suite: SuiteResult, result: UnitTestResult) -> str:
    about = f"classname={quoteattr(f'{suite.namespace}.{suite.flow_id}')} file={quoteattr(suite.file)}"
    opening = f'\n    <testcase name={quoteattr(result.test_id)} {about} time="{result.duration:.3f}"'
    return f"{opening}>{_junit_outcome(result)}</testcase>"


def _junit_outcome(result: UnitTestResult) -> str:
    told = "\n".join(reasons(result))
    first = quoteattr(told.partition("\n")[0])
    match result.state:
        case TestState.FAILED:
            return f"<failure message={first}>{escape(told)}</failure>"
        case TestState.ERROR:
            return f"<error message={first}>{escape(told)}</error>"
        case TestState.SKIPPED:
            return "<skipped/>"
        case TestState.SUCCESS:
            return ""
