"""What inputs depend on: others that are there, not each other in a circle, and all that their expressions name."""

from collections.abc import Iterator, Mapping

from tiercel.definition.circles import reached
from tiercel.definition.document import Document, texts
from tiercel.definition.mistakes import closest
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, mappings
from tiercel.expression import ExpressionError, compile

_RENDERED = (("defaults",), ("expression",), ("dependsOn", "condition"))
"""The properties of an input that may name others."""


def check_dependencies(document: Document, written: list[Written]) -> Iterator[Problem]:
    """Of the inputs of the flow, or of a task that asks for some."""
    leaves = {name: one for parent in written for name, one in _leaves(parent)}
    known = {*leaves, *(parent.id for parent in written)}
    yield from _unknown(document, leaves, known)
    yield from _circle(document, leaves)
    groups = {name: parent for parent in written for name, _ in _leaves(parent)}
    for name, one in leaves.items():
        yield from _unseen(document, name, one, groups[name], known)


def _leaves(parent: Written) -> list[tuple[str, Written]]:
    """The inputs that have a value, by full id: those of a FORM in its place."""
    if parent.type_name != "FORM":
        return [(parent.id, parent)]
    children = mappings(parent.data.get("inputs"), (*parent.path, "inputs"))
    return [(f"{parent.id}.{child.id}", child) for child in children]


def _needed(document: Document, one: Written) -> dict[Path, str]:
    path = (*one.path, "dependsOn", "inputs")
    return dict(texts(document.at(path), path))


def _unknown(document: Document, leaves: Mapping[str, Written], known: set[str]) -> Iterator[Problem]:
    for name, one in leaves.items():
        for place, other in _needed(document, one).items():
            if other not in known:
                yield _not_there(document, place, name, other, known)


def _not_there(document: Document, path: Path, name: str, other: str, known: set[str]) -> Problem:
    meant = closest(other, frozenset(known)) or next((full for full in known if full.endswith(f".{other}")), None)
    hint = f"; did you mean `{meant}`?" if meant else ""
    words = f"Input with id '{name}' depends on a non-existent input '{other}'."
    return _of_flow(document, f"there is no input `{other}`{hint}", path, words, fix=meant)


def _circle(document: Document, leaves: Mapping[str, Written]) -> Iterator[Problem]:
    needs = {name: list(_needed(document, one).values()) for name, one in leaves.items()}
    for name, one in leaves.items():
        if name in (circle := reached(needs, name)):
            words = f"Cycle dependency detected for input with id '{name}': [{', '.join(sorted(circle))}]"
            message = f"`{name}` depends, over others, on itself: none of them could be asked first"
            yield _of_flow(document, message, (*one.path, "dependsOn"), words)
            return


def _unseen(document: Document, name: str, one: Written, group: Written, known: set[str]) -> Iterator[Problem]:
    """An input sees only those that it, or its group, depends on: the others have no value yet."""
    seen = {*_needed(document, one).values(), *_needed(document, group).values()}
    for rendered in _RENDERED:
        path = (*one.path, *rendered)
        for place, text in texts(document.at(path), path):
            for other in _named(text, known):
                if not _is_seen(other, seen):
                    yield _not_seen(document, place, name, other)


def _named(text: str, known: set[str]) -> Iterator[str]:
    """The inputs of the flow that an expression names."""
    if "{{" not in text and "{%" not in text:
        return
    try:
        paths = compile(text).names
    except ExpressionError:
        return
    for root, *steps in (path for path in sorted(paths) if path):
        names = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
        meant = next((name for name in names if name in known), None)
        if root == "inputs" and meant is not None:
            yield meant


def _is_seen(other: str, seen: set[str]) -> bool:
    return any(other == one or other.startswith(f"{one}.") for one in seen)


def _not_seen(document: Document, path: Path, name: str, other: str) -> Problem:
    message = (
        f"`{name}` cannot see the input `{other}`, which may have no value yet:"
        f" write `dependsOn: {{inputs: [{other}]}}`"
    )
    return document.problem("unseen-input", message, path, severity=Severity.WARNING)


def _of_flow(document: Document, message: str, path: Path, legacy: str, *, fix: str | None = None) -> Problem:
    return document.problem("input", message, path, legacy=f"Invalid Flow: {legacy}", legacy_path="", fix=fix)
