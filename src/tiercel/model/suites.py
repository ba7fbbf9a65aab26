"""Unit tests of flows as people write them: a flow is run with given inputs, some tasks end as told, and assertions hold."""

from typing import Annotated, Any

from pydantic import AliasChoices, Field

from tiercel.model.states import State
from tiercel.model.task import Authored

UNIT_TEST = "io.kestra.core.tests.flow.UnitTest"
_FLOW_ID = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$"


def _also(*names: str) -> Any:
    """Names that a property may have besides its own, which is the first."""
    return Field(validation_alias=AliasChoices(*names))


class Assertion(Authored):
    """What must hold when the execution is over. Of several operators all must hold."""

    value: Any
    """An expression, which sees what the tasks of the flow see at its end."""
    task_id: str | None = None
    """The task that it is about, for people."""
    description: str | None = None
    error_message: str | None = None
    """What is said where it does not hold."""
    equal_to: Annotated[Any, _also("equalTo", "equalsTo", "equal_to")] = None
    not_equal_to: Annotated[Any, _also("notEqualTo", "notEqualsTo", "not_equal_to")] = None
    greater_than: float | str | None = None
    greater_than_or_equal_to: float | str | None = None
    less_than: float | str | None = None
    less_than_or_equal_to: float | str | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    contains: str | None = None
    in_: Annotated[tuple[Any, ...] | str | None, Field(alias="in")] = None
    not_in: tuple[Any, ...] | str | None = None
    is_null: bool | str | None = None
    is_not_null: bool | str | None = None


class TaskFixture(Authored):
    """How a task ends without running."""

    id: str
    value: str | None = None
    """For this value of the loop around it alone."""
    state: State = State.SUCCESS
    outputs: dict[str, Any] | None = None
    """Expressions in it see `files`, `inputs` and `flow`."""
    assets: tuple[dict[str, Any], ...] = ()
    """Of the commercial edition of the original: read and kept."""
    description: str | None = None


class TriggerFixture(Authored):
    """What expressions see as `trigger`."""

    id: str
    type: str
    variables: dict[str, Any] = {}


class Fixtures(Authored):
    """What is given to the execution."""

    inputs: dict[str, Any] = {}
    files: dict[str, str] = {}
    """Texts by name: `{{ files['name'] }}` is the URI of the file that is made of one."""
    tasks: tuple[TaskFixture, ...] = ()
    trigger: TriggerFixture | None = None


class UnitTest(Authored):
    """One run of the flow."""

    id: Annotated[str, Field(min_length=1)]
    type: str = UNIT_TEST
    description: str | None = None
    disabled: bool = False
    fixtures: Fixtures = Fixtures()
    assertions: tuple[Assertion, ...] = ()
    expected_state: State | None = None
    """How the execution is to end; where nothing is said: well, in SUCCESS, WARNING or SKIPPED."""


class TestSuite(Authored):
    """The unit tests of one flow."""

    __test__ = False

    id: Annotated[str, Field(min_length=1, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$")]
    namespace: Annotated[str, Field(min_length=1, max_length=150, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    flow_id: Annotated[str, Field(min_length=1, max_length=100, pattern=_FLOW_ID)]
    description: str | None = None
    disabled: bool = False
    test_cases: Annotated[tuple[UnitTest, ...], Field(min_length=1)]
