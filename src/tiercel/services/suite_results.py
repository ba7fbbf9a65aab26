"""What unit tests came to, in the words of the original's answers."""

from datetime import datetime
from enum import StrEnum

from tiercel.model.record import Record
from tiercel.services.assertions import AssertionResult


class TestState(StrEnum):
    """How a test, or a whole suite, ended."""

    __test__ = False

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    """An assertion does not hold, or the execution ended otherwise than expected."""
    ERROR = "ERROR"
    """It could not be run, or an expression of it could not be rendered."""
    SKIPPED = "SKIPPED"


class RunError(Record, frozen=True):
    message: str
    details: str | None = None


class UnitTestResult(Record, frozen=True, omit_defaults=False):
    """One test case."""

    test_id: str
    test_type: str
    state: TestState
    duration: float = 0.0
    """Seconds."""
    execution_id: str | None = None
    execution_state: str | None = None
    assertion_results: tuple[AssertionResult, ...] = ()
    errors: tuple[RunError, ...] = ()


class SuiteResult(Record, frozen=True, omit_defaults=False):
    """The test cases of one suite."""

    test_suite_id: str
    namespace: str
    flow_id: str
    state: TestState
    start_date: datetime
    end_date: datetime
    results: tuple[UnitTestResult, ...] = ()
    file: str = ""


class Coverage(Record, frozen=True, omit_defaults=False):
    """Which tasks of a flow the tests came to."""

    namespace: str
    flow_id: str
    total: int
    executed: tuple[str, ...]
    """Tasks that ran."""
    fixed: tuple[str, ...]
    """Tasks that only ended as fixtures say."""
    missed: tuple[str, ...]
    """Tasks that no test came to."""


_WORST = (TestState.ERROR, TestState.FAILED, TestState.SUCCESS)


def whole_state(results: tuple[UnitTestResult, ...]) -> TestState:
    """The worst of the tests; SKIPPED where none was run."""
    states = {result.state for result in results}
    return next((state for state in _WORST if state in states), TestState.SKIPPED)
