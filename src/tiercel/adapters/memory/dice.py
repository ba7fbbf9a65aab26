"""Dice that fall the same way every time."""

import hashlib


class CountedDice:
    """The n-th roll is a hash of n: distinct, and the same in every run."""

    def __init__(self) -> None:
        self._rolls = 0

    def roll(self) -> int:
        self._rolls += 1
        return int.from_bytes(hashlib.blake2b(str(self._rolls).encode(), digest_size=16).digest(), "big")
