"""The base of everything that a machine writes."""

import msgspec


class Record(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Base of everything a machine writes."""
