"""What a script says of its own environment: the PEP 723 block at its top."""

import re
import tomllib
from typing import NamedTuple

from tiercel.sdk import TaskFailed

_BLOCK = re.compile(r"(?m)^# /// script\s*$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


class Header(NamedTuple):
    dependencies: tuple[str, ...]
    python: str | None


def read_header(script: str) -> Header | None:
    """The block, or None. Raises TaskFailed when it is not TOML."""
    found = _BLOCK.search(script + "\n")
    if found is None:
        return None
    text = "".join(
        line[2:] if line.startswith("# ") else line[1:] for line in found["content"].splitlines(keepends=True)
    )
    try:
        block = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TaskFailed(f"the script block at the top of the script is no TOML: {error}") from error
    return Header(tuple(block.get("dependencies", ())), block.get("requires-python"))
