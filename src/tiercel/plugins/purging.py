"""What the tasks that purge have in common: which revisions go, and which namespaces are meant."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from tiercel.sdk import Properties


class PurgeRevisions(Properties):
    """Delete old revisions; the latest one of each key or file stays."""

    type: Literal["version"]
    """Revisions are deleted."""
    before: AwareDatetime | None = None
    """Revisions written before this instant."""
    keep_amount: Annotated[int | None, Field(ge=1)] = None
    """How many of the newest revisions stay."""

    @model_validator(mode="after")
    def _has_one_rule(self) -> "PurgeRevisions":
        if self.before is not None and self.keep_amount is not None:
            raise ValueError("Cannot set both 'before' and 'keepAmount' properties")
        return self


def means_namespace(namespace: str, *, namespaces: Sequence[str] | None, pattern: str | None, children: bool) -> bool:
    """Whether a namespace is one of those named, below one of them, or fits the pattern; without either, all are."""
    if pattern is not None:
        return fnmatchcase(namespace, pattern)
    if namespaces is None:
        return True
    return any(namespace == name or (children and namespace.startswith(f"{name}.")) for name in namespaces)
