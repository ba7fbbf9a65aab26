"""One statement made of parts: each a query of its own as a CTE, its `$1…` moved behind those of the parts before it."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from tiercel.adapters.postgres.sql import query

_NUMBER = re.compile(r"\$(\d+)")


class Part(NamedTuple):
    """A query of `queries/…` with the arguments it takes. `partition` where it names one."""

    name: str
    arguments: Sequence[object]
    partition: str = ""

    @property
    def key(self) -> "Key":
        return Key(self.name, len(self.arguments), self.partition)


class Key(NamedTuple):
    """What of a part the text depends on."""

    name: str
    arguments: int
    partition: str

    @property
    def alias(self) -> str:
        """Its name as a CTE; never that of a table, which a CTE of the same name would hide."""
        return f"_{self.name.rsplit('/', 1)[-1]}" + (f"_{self.partition}" if self.partition else "")


@cache
def body(name: str, partition: str) -> str:
    """The query without its comment, for one partition."""
    lines = (line for line in query(name).splitlines() if not line.startswith("--"))
    return "\n".join(lines).replace("{partition}", partition)


def chained(keys: Sequence[Key], *, first: int = 1) -> tuple[str, int]:
    """The parts as the list of a WITH, and the number of the next free argument."""
    texts: list[str] = []
    for key in keys:
        texts.append(f"{key.alias} AS (\n{shifted(body(key.name, key.partition), first - 1)}\n)")
        first += key.arguments
    return ",\n".join(texts), first


def shifted(text: str, by: int) -> str:
    """The text with every `$n` as `$n+by`."""
    return _NUMBER.sub(lambda found: f"${int(found[1]) + by}", text)
