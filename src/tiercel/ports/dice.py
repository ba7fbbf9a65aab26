"""Randomness as a port: seeds of events and the random part of ids."""

from typing import Protocol


class Dice(Protocol):
    def roll(self) -> int:
        """128 random bits."""
        ...
