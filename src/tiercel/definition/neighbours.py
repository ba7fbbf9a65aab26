"""What checking asks about the other flows of an installation. services/neighbours answers; here is only the question."""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from tiercel.model.flow import Input


class Neighbour(msgspec.Struct, frozen=True):
    """Another flow, as far as one that calls it needs to know."""

    state: Literal["ready", "disabled", "unreadable", "absent"]
    inputs: Sequence[Input] = ()


class Neighbours(Protocol):
    """The flows that are stored."""

    def find(self, namespace: str, flow_id: str) -> Neighbour:
        """The latest revision of a flow."""
        ...
