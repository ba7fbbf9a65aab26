"""What a plugin raises.

TiercelError
└── TaskFailed      the task did its work and it ended badly; outputs made so far are kept
    └── TaskKilled  the task was told to stop and did
ValueError
└── InvalidProperty raised by a validator: a property that its class refuses
"""

from tiercel.model.errors import TiercelError
from tiercel.sdk.output import Output


class TaskFailed(TiercelError):
    """Ends the task FAILED with a message for people. `outputs` are kept."""

    def __init__(self, message: str, *, outputs: Output | None = None) -> None:
        super().__init__(message)
        self.outputs = outputs


class TaskKilled(TaskFailed):
    """Raised by a task that was cancelled and has cleaned up; `outputs` made so far are kept."""


class InvalidProperty(ValueError):
    """Refuses the value of a property, from within a validator of its class."""

    def __init__(self, message: str, *, legacy: str | None = None) -> None:
        super().__init__(message)
        self.legacy = legacy
        """The original's words, where clients match on them."""
