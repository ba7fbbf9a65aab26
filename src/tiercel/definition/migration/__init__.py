"""Flows of earlier versions in the words of the latest: which version a flow is of, and what changes."""

from tiercel.definition.migration.migrate import Migration, migrate
from tiercel.definition.migration.step import Step
from tiercel.definition.migration.versions import Evidence, Span

__all__ = ["Evidence", "Migration", "Span", "Step", "migrate"]
