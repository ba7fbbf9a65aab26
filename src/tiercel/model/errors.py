"""Errors of the model.

TiercelError
├── IllegalMove        a state was to be left by a move the table does not have
└── InvalidId          a text that is no execution id
"""

from typing import Any


class TiercelError(Exception):
    """The root of our own errors: whoever catches it catches nothing of others."""


class IllegalMove(TiercelError):
    """A state was to be left by a move that the table of moves does not have."""

    def __init__(self, source: Any, target: Any) -> None:
        super().__init__(f"no move leads from {source or 'nothing'} to {target}")
        self.source = source
        self.target = target


class InvalidId(TiercelError):
    """A text that is no execution id of ours."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not an id of 22 base62 characters")
        self.text = text
