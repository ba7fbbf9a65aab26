"""What may be seen of a secret: everything but its value."""

from datetime import datetime

from tiercel.model.execution import Label
from tiercel.model.record import Record


class SecretInfo(Record, frozen=True, kw_only=True):
    """A secret of a namespace."""

    namespace: str
    key: str
    description: str | None = None
    tags: tuple[Label, ...] = ()
    updated: datetime
    """When value, description or tags were last written."""
