"""Flows that documentation shows, and examples of plugins: none may break the checker, and of a type that is not built
yet one problem tells at each place where it stands.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.conformance.known import every_type

from tiercel.definition import Document, check, read
from tiercel.definition.read import parse
from tiercel.definition.walk import Written, entries, tasks


def judge_types(text: str) -> str | None:
    """Each type that is not here is told once where it stands, and nothing else is told of it."""
    problems = check(read(text), every_type())
    document, _ = parse(text)
    if document is None:
        return None if problems else "is no YAML, and nothing says so"
    told = Counter(problem.path for problem in problems if problem.code in ("not-installed", "unknown-type"))
    wanted = Counter(f"{_path(one)}.type" for one in _placed(document) if _is_absent(one))
    return None if told == wanted else f"types told {dict(told)}, wanted {dict(wanted)}"


def _placed(document: Document) -> Iterator[Written]:
    yield from tasks(document)
    yield from entries(document, "triggers")


def _is_absent(one: Written) -> bool:
    return bool(one.type_name) and every_type().resolve(one.type_name) is None


def _path(one: Written) -> str:
    steps: list[Any] = list(one.path)
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
