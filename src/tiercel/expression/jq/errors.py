"""What a jq program can end with, besides results."""

from typing import Any

from tiercel.expression.errors import ExpressionError
from tiercel.expression.jq.kinds import plain_json


class JqError(Exception):
    """An error that `try` catches, with the value that `catch` sees."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value

    @property
    def message(self) -> str:
        return self.value if isinstance(self.value, str) else f"{plain_json(self.value)} (not a string)"


class BreakOut(Exception):
    """`break $name` on its way to its label."""

    def __init__(self, label: object) -> None:
        super().__init__()
        self.label = label


def mistake(message: str) -> ExpressionError:
    """A program that cannot be read."""
    return ExpressionError("jq", f"the jq program cannot be read: {message}")
