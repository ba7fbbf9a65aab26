"""A local file as pieces between separators, streamed: memory holds one piece and a buffer."""

from collections.abc import Iterator
from pathlib import Path

BUFFER = 1024 * 1024


def read_pieces(path: Path, separator: bytes) -> Iterator[bytes]:
    """The pieces without their separators; one at the very end makes no empty last piece. Blocking."""
    with path.open("rb") as file:
        rest = b""
        while chunk := file.read(BUFFER):
            *whole, rest = (rest + chunk).split(separator)
            yield from whole
        if rest:
            yield rest
