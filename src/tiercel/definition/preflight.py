"""A flow's own conditions for an execution to begin: which of them do not hold, and what follows from the strictest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tiercel.definition.inputs import Render, Resolution, holds
from tiercel.expression import ExpressionError
from tiercel.model.flow import Check

BLOCK, FAIL, CREATE = "BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"
_STRICTEST_FIRST = (BLOCK, FAIL, CREATE)


class FailedCheck(msgspec.Struct, frozen=True):
    """A check that does not hold."""

    message: str
    style: str
    behavior: str


class Preflight(msgspec.Struct, frozen=True):
    """What was found before an execution begins."""

    resolution: Resolution
    checks: tuple[FailedCheck, ...] = ()

    @property
    def behavior(self) -> str:
        """What the strictest of the failed checks wants; without one the execution begins."""
        wanted = {check.behavior for check in self.checks}
        return next((behavior for behavior in _STRICTEST_FIRST if behavior in wanted), CREATE)


def preflight(checks: Sequence[Check], resolution: Resolution, render: Render) -> Preflight:
    """Look at every check, with the inputs as the execution would see them."""
    return Preflight(resolution, tuple(_failed(checks, resolution, render)))


def _failed(checks: Iterable[Check], resolution: Resolution, render: Render) -> Iterator[FailedCheck]:
    """A message may hold expressions too. What cannot be evaluated for want of a good input is told at the input."""
    seen = resolution.clear
    for check in checks:
        try:
            if not holds(check.when, seen, render):
                yield FailedCheck(_message(check, seen, render), check.style, check.behavior)
        except ExpressionError as error:
            if not resolution.errors:
                yield FailedCheck(f"The check `{check.when}` cannot be evaluated: {error}", "ERROR", BLOCK)


def _message(check: Check, seen: Mapping[str, Any], render: Render) -> str:
    return str(render(check.message, seen))
