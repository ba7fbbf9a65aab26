"""What is reached from where, when each name says which others it waits for."""

from collections.abc import Mapping, Sequence


def reached(needs: Mapping[str, Sequence[str]], start: str) -> set[str]:
    """Everything a name waits for, over others too; itself, where it stands in a circle."""
    found: set[str] = set()
    waiting = list(needs[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(needs.get(name, ()))
    return found
