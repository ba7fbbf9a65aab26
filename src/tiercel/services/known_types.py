"""The plugin types the ecosystem knows, whether or not they are installed here: names, properties and what these take.

The facts lie in a file of the package that scripts/catalogue.py writes; it is read when somebody first asks for it.
"""

import gzip
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

FILE = "known_types.json.gz"
PREFIX = "io.kestra.plugin."


class KnownProperty(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One property of a type or of an object within."""

    name: str
    kind: str
    """`string`, `integer`, `enum(A|B)`, `list<…>`, `map<…>`, `object(Class)` …; `any` where nothing certain is known."""
    is_required: bool = False
    """It must be written: there is no default."""
    is_deprecated: bool = False
    is_secret: bool = False
    default: Any = None
    limits: dict[str, float] = {}
    """`minimum`, `maximum` of numbers, `longest` of texts."""


class KnownType(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One type."""

    kind: str
    """`task`, `task.flowable`, `trigger.polling`, `taskRunner` …"""
    properties: tuple[KnownProperty, ...] | None = None
    """Its own, without those that every task or trigger has; None where nobody knows them."""
    is_deprecated: bool = False


class KnownModel(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """An object that properties hold."""

    properties: tuple[KnownProperty, ...]
    is_open: bool = False
    """What it holds depends on what stands in it (its `type`, most often)."""


class Facts(msgspec.Struct, frozen=True):
    """All that is known, as it is stored."""

    types: dict[str, KnownType]
    models: dict[str, KnownModel]
    aliases: dict[str, str]
    """Earlier names, and the present one of each."""

    def current(self, name: str) -> str | None:
        """The present full name of a type, given that name, its short form or an earlier one."""
        for full in (name, PREFIX + name):
            if full in self.types:
                return full
            if full in self.aliases:
                return self.aliases[full]
        return None

    def type(self, name: str) -> KnownType | None:
        """A type by any of its names."""
        current = self.current(name)
        return None if current is None else self.types[current]


@cache
def known_types() -> Facts:
    """The facts, read once."""
    packed = files("tiercel.services").joinpath(FILE).read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=Facts)
