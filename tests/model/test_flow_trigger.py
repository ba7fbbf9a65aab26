"""What people may write of the executions that a Flow trigger waits for."""

import pytest
from pydantic import ValidationError

from tiercel.model.flow_trigger import ExecutionFilter


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"`a\(b` is no pattern"):
        ExecutionFilter(field="FLOW_ID", type="REGEX", value="a(b")


def test_what_is_compared_otherwise_may_look_like_a_broken_pattern() -> None:
    assert ExecutionFilter(field="FLOW_ID", type="EQUAL_TO", value="a(b").value == "a(b"
