"""Parts of a flow that are kept as they are written: quotas, files of the namespace, task runners."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, cast

from tiercel.definition.catalog import Catalog
from tiercel.definition.checks.types import unknown_type
from tiercel.definition.document import Document
from tiercel.definition.mistakes import closest, described, owner_name
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, entries, tasks
from tiercel.model.durations import parse_duration

_MINUTE = timedelta(minutes=1)
_BEHAVIORS = ("FAIL", "CANCEL")
_IF_EXISTS = ("OVERWRITE", "FAIL", "WARN", "IGNORE")
_FILES = frozenset({"enabled", "include", "exclude", "namespaces", "ifExists", "folderPerNamespace"})
RESERVED = frozenset(
    {
        *("pause", "resume", "kill", "force-run", "change-status"),
        *("executions", "search", "source", "disable", "enable"),
    }
)
"""Words of the API of 1.x that stood where ids of flows stand."""


def check_parts(document: Document, catalog: Catalog) -> Iterator[Problem]:
    yield from _reserved(document)
    for quota in entries(document, "quotas"):
        yield from _quota(document, quota)
    for task in tasks(document):
        yield from _namespace_files(document, task)
        runner = task.data.get("taskRunner")
        if isinstance(runner, dict):
            yield from _runner(document, catalog, Written((*task.path, "taskRunner"), cast(dict[str, Any], runner)))


def _reserved(document: Document) -> Iterator[Problem]:
    name = document.data.get("id")
    if isinstance(name, str) and name in RESERVED:
        message = f"`{name}` is a word of the API: servers before 2.0 refuse it as the id of a flow"
        yield document.problem("reserved-id", message, ("id",), severity=Severity.WARNING)


# Quotas --------------------------------------------------------------------------------------------------------------


def _quota(document: Document, quota: Written) -> Iterator[Problem]:
    for name in ("duration", "limit", "behavior"):
        if quota.data.get(name) is None:
            path = (*quota.path, name)
            message = f"`{name}` is missing: a quota needs it"
            yield _constraint(document, "missing", message, path, "must not be null")
    for name, judge in _OF_A_QUOTA.items():
        value = quota.data.get(name)
        fault = None if value is None else judge(value)
        if fault is not None:
            yield _constraint(document, "value", f"`{name}`: {fault}", (*quota.path, name), fault)


def _duration(value: Any) -> str | None:
    try:
        is_short = parse_duration(value) < _MINUTE
    except (ValueError, AttributeError):
        return f"{described(value)} is not a duration; write for example PT1H or P1D"
    return "must be at least PT1M" if is_short else None


def _limit(value: Any) -> str | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return None if is_whole and value > 0 else "must be greater than 0"


def _behavior(value: Any) -> str | None:
    return None if value in _BEHAVIORS else f"must be one of {', '.join(_BEHAVIORS)}; it is {described(value)}"


_OF_A_QUOTA: dict[str, Callable[[Any], str | None]] = {"duration": _duration, "limit": _limit, "behavior": _behavior}


# Files of the namespace ----------------------------------------------------------------------------------------------


def _namespace_files(document: Document, task: Written) -> Iterator[Problem]:
    written = task.data.get("namespaceFiles")
    if not isinstance(written, dict):
        return
    files = cast(dict[str, Any], written)
    path = (*task.path, "namespaceFiles")
    for name in files.keys() - _FILES:
        yield _unknown(document, (*path, name))
    for name in ("enabled", "folderPerNamespace"):
        value = files.get(name)
        if value is not None and not isinstance(value, bool) and not _is_expression(value):
            yield _value(document, (*path, name), "true or false", value)
    for name in ("include", "exclude", "namespaces"):
        value = files.get(name)
        if value is not None and not isinstance(value, list | str):
            yield _value(document, (*path, name), "a list of texts", value)
    if_exists = files.get("ifExists")
    if if_exists is not None and not _is_expression(if_exists) and if_exists not in _IF_EXISTS:
        yield _value(document, (*path, "ifExists"), f"one of {', '.join(_IF_EXISTS)}", if_exists)


def _unknown(document: Document, path: Path) -> Problem:
    name = str(path[-1])
    meant = closest(name, _FILES)
    hint = f"; did you mean `{meant}`?" if meant else f"; there is {', '.join(f'`{one}`' for one in sorted(_FILES))}"
    message = f"{owner_name(document, path[:-1])} has no property `{name}`{hint}"
    return document.problem("unknown-property", message, path, span=document.key_span(path), fix=meant)


def _value(document: Document, path: Path, wanted: str, value: Any) -> Problem:
    message = f"`{path[-1]}` must be {wanted}; this is {described(value)}"
    return _constraint(document, "value", message, path, message)


def _is_expression(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value


# Task runners --------------------------------------------------------------------------------------------------------


def _runner(document: Document, catalog: Catalog, runner: Written) -> Iterator[Problem]:
    """A runner that nobody knows; what a known one takes is said by the task that uses it."""
    name = runner.type_name
    if name and catalog.resolve(name) is None and catalog.missing_extra(name) is None:
        yield unknown_type(document, catalog, runner, "task runner")


def _constraint(document: Document, code: str, message: str, path: Path, legacy: str) -> Problem:
    return document.problem(code, message, path, legacy=legacy, legacy_path=document.legacy_path(path))
