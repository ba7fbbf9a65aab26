"""The machine's own randomness."""

import secrets


class SystemDice:
    """Numbers nobody can foresee: parts of them become ids, which must not be guessed."""

    def roll(self) -> int:
        return secrets.randbits(128)
