"""The machine's own randomness."""

import os

BLOCK = 4096
"""Bytes asked of the kernel at once: asking costs more than the bytes."""
SIZE = 16


class SystemDice:
    """Numbers nobody can foresee: parts of them become ids, which must not be guessed."""

    def __init__(self) -> None:
        self._bytes = b""
        self._used = BLOCK

    def roll(self) -> int:
        if self._used >= BLOCK:
            self._bytes, self._used = os.urandom(BLOCK), 0
        start, self._used = self._used, self._used + SIZE
        return int.from_bytes(self._bytes[start : self._used], "big")
