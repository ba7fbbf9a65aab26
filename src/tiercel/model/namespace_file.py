"""A file of a namespace, as it is or was."""

from datetime import datetime

from tiercel.model.record import Record


class NamespaceFile(Record, frozen=True, kw_only=True):
    """One revision of a file."""

    namespace: str
    path: str
    """From the root of the namespace's files, without a slash in front: `scripts/main.py`."""
    revision: int
    """From 1; raised by each write."""
    size: int
    """Bytes."""
    uri: str
    """Where its content lies in internal storage."""
    created: datetime
    """When the path was first written."""
    updated: datetime
