"""A text that no row can hold: whoever sent it has to change it, and trying again is of no use."""

from tiercel.model.errors import TiercelError


class Unwritable(TiercelError):
    def __init__(self) -> None:
        super().__init__("a text holds the character NUL (\\u0000), which cannot be stored: leave it out")
