"""From YAML to a Flow, and everything that can be wrong with it, with line and column."""

from tiercel.definition.catalog import Catalog, PropertyProblem
from tiercel.definition.check import check, deprecation_paths, infos, warnings
from tiercel.definition.defaults import NO_DEFAULTS, Defaults, ServerDefault
from tiercel.definition.document import Document
from tiercel.definition.inputs import Resolution, ResolvedInput, read_output, resolve
from tiercel.definition.part import check_task, check_trigger
from tiercel.definition.portion import Portion, each_flow, portions, split
from tiercel.definition.problem import Problem, Severity, errors, legacy_body, legacy_text
from tiercel.definition.read import (
    Reading,
    read,
    read_data,
    read_stored,
    with_defaults,
    without_revision,
)

__all__ = [
    "NO_DEFAULTS",
    "Catalog",
    "Defaults",
    "Document",
    "Portion",
    "Problem",
    "PropertyProblem",
    "Reading",
    "Resolution",
    "ResolvedInput",
    "ServerDefault",
    "Severity",
    "check",
    "check_task",
    "check_trigger",
    "deprecation_paths",
    "each_flow",
    "errors",
    "infos",
    "legacy_body",
    "legacy_text",
    "portions",
    "read",
    "read_data",
    "read_output",
    "read_stored",
    "resolve",
    "split",
    "warnings",
    "with_defaults",
    "without_revision",
]
