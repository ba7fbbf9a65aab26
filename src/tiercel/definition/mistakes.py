"""What pydantic refuses, told as problems: at the value or name in question, in words that say what to write.

The words of the original go along as `legacy`.
"""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, cast

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tiercel.definition.defaults import full_name
from tiercel.definition.document import Document, Span
from tiercel.definition.names import class_at, property_names
from tiercel.definition.original import FLOW, input_class, retry_class, unrecognized
from tiercel.definition.problem import MOST_PROBLEMS, Path, Problem
from tiercel.model.flow import Input
from tiercel.model.task import Authored, Retry, Task

TASK_LISTS = frozenset({"tasks", "errors", "finally", "afterExecution", "then", "else", "defaults"})


class Mistake(msgspec.Struct, frozen=True):
    """One error of pydantic with its place in the document."""

    document: Document
    details: ErrorDetails
    path: Path
    """The part of the place that is written."""
    meant: Path
    """The place as pydantic names it."""

    @property
    def context(self) -> Mapping[str, Any]:
        return self.details.get("ctx", {})

    @property
    def name(self) -> str:
        """The last name on the path."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    def problem(
        self,
        code: str,
        message: str,
        *,
        path: Path | None = None,
        span: Span | None = None,
        legacy: str | None = None,
        constraint: bool = True,
        fix: str | None = None,
    ) -> Problem:
        where = self.path if path is None else path
        legacy_path = self.document.legacy_path(where) if constraint else None
        return self.document.problem(
            code, message, where, span=span, legacy=legacy, legacy_path=legacy_path if legacy else None, fix=fix
        )


def explain(error: ValidationError, document: Document, *, base: Path = ()) -> list[Problem]:
    """One problem for each mistake; the alternatives of a union are one. `base` leads to what was validated."""
    all_details = error.errors(include_url=False)
    mistakes = [_located(details, document, base) for details in all_details[:MOST_PROBLEMS]]
    problems: list[Problem] = []
    unions: dict[Path, list[Mistake]] = {}
    for mistake in mistakes:
        if mistake.details["type"] in _TYPES:
            unions.setdefault(mistake.path, []).append(mistake)
        else:
            problems.extend(_EXPLANATIONS.get(mistake.details["type"], _as_it_is)(mistake))
    return problems + [_wrong_type(alternatives) for alternatives in unions.values()]


def closest(name: str, known: Mapping[str, Any] | frozenset[str]) -> str | None:
    """The known name that was probably meant."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    if found:
        return by_lower[found[0]]
    letters = sorted(name.lower())  # two letters changed places in a short name
    return next((by_lower[one] for one in by_lower if len(one) > 2 and sorted(one) == letters), None)


def described(value: Any) -> str:
    """A value as one would name it when pointing at it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"`{str(value).lower()}`"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case str() if len(value) > 40:
            return f"`{value[:40]}…`"
        case _:
            return f"`{value}`"


def _located(details: ErrorDetails, document: Document, base: Path) -> Mistake:
    """Labels written as a mapping are a list in the model: the n-th one is the n-th name."""
    steps: list[str | int] = []
    for step in (*base, *details["loc"]):
        value = document.at(tuple(steps))
        if isinstance(step, int) and isinstance(value, dict):
            names = list(cast(dict[str, Any], value))
            steps.append(names[step] if step < len(names) else step)
        else:
            steps.append(step)
    return Mistake(document, details, document.reach(tuple(steps)), (*base, *details["loc"]))


def _missing(mistake: Mistake) -> list[Problem]:
    loc = mistake.meant
    name = str(loc[-1])
    owner = mistake.path if len(mistake.path) < len(loc) else mistake.path[:-1]
    written = mistake.document.at(owner)
    who = owner_name(mistake.document, owner)
    is_written = isinstance(written, dict) and name in written
    message = f"`{name}` has no value: {who} needs one" if is_written else f"`{name}` is missing: {who} needs it"
    path = (*owner, name)
    if owner[-2:-1] in (("pluginDefaults",), ("taskDefaults",)):
        words = f"Invalid Plugin Default: No '{name}' provided"
        return [mistake.problem("missing", message, path=path, legacy=words)]
    if name == "type":
        return [mistake.problem("missing", message, path=path, legacy="Invalid type: null", constraint=False)]
    return [mistake.problem("missing", message, path=path, legacy=_missing_words(owner, name))]


def _missing_words(owner: Path, name: str) -> str:
    if name in ("tasks", "then"):
        return _empty_words(owner, name)
    return (
        "must not be null\nmust not be blank"
        if name == "id" and owner and "inputs" not in owner
        else "must not be null"
    )


def _empty_words(owner: Path, name: str) -> str:
    is_of_a_flowable = name == "tasks" and owner and "listeners" not in owner
    return f"The '{name}' property cannot be empty" if is_of_a_flowable else "must not be empty"


def owner_name(document: Document, path: Path) -> str:
    """What stands at a path, as one would call it: If `check`, the input `name`, the flow."""
    if not path:
        return "a file of tests" if "testCases" in document.data else "the flow"
    found = document.at(path)
    written = cast(dict[str, Any], found) if isinstance(found, dict) else {}
    named = f" `{written['id']}`" if isinstance(written.get("id"), str) else ""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    kind = _KINDS.get(name)
    if kind is None or (kind == "task" and isinstance(written.get("type"), str)):
        kind = str(written.get("type", "")).rpartition(".")[2]
        return f"{kind}{named}" if kind else f"`{name}`"
    return f"the {kind}{named}"


_KINDS = {
    **dict.fromkeys(TASK_LISTS, "task"),
    "inputs": "input",
    "onResume": "input",
    "outputs": "output",
    "triggers": "trigger",
    "labels": "label",
    "sla": "SLA",
    "checks": "check",
    "pluginDefaults": "plugin default",
    "taskDefaults": "plugin default",
    **dict.fromkeys(("tests", "testCases"), "test"),
    "assertions": "assertion",
}


def _unknown_property(mistake: Mistake) -> list[Problem]:
    name = mistake.name
    known = property_names(class_at(mistake.document, mistake.path[:-1]))
    meant = closest(name, known)
    hint = f"; did you mean `{meant}`?" if meant else ""
    return [
        mistake.problem(
            "unknown-property",
            f"{owner_name(mistake.document, mistake.path[:-1])} has no property `{name}`{hint}",
            span=mistake.document.key_span(mistake.path),
            legacy=unrecognized(name, _class_name(mistake), known),
            constraint=False,
            fix=meant,
        )
    ]


def _class_name(mistake: Mistake) -> str:
    owner = mistake.document.at(mistake.path[:-1])
    written = cast(dict[str, Any], owner).get("type") if isinstance(owner, dict) and mistake.path[:-1] else None
    known = class_at(mistake.document, mistake.path[:-1])
    if isinstance(written, str):
        return _CLASSES.get(known or Task, full_name)(written)
    if known is None:
        return FLOW if not mistake.path[:-1] else str(mistake.path[-2])
    return FLOW if known.__name__ == "Flow" else known.__name__


_CLASSES: dict[type[Authored], Callable[[str], str]] = {Retry: retry_class, Input: input_class}
"""What is called otherwise than its `type`."""


def _pattern(mistake: Mistake) -> list[Problem]:
    pattern = str(mistake.context.get("pattern")).removesuffix("$")
    message = f"{described(mistake.details['input'])} cannot be used as `{mistake.name}`: {_allowed(pattern)}"
    return [mistake.problem("pattern", message, legacy=f'must match "{pattern}"')]


def _allowed(pattern: str) -> str:
    first = "small letters and digits" if "A-Z" not in pattern else "letters and digits"
    if "_" not in pattern:
        return f"write {first}, and between them also `-`"
    signs = "`.`, `_` and `-`" if "." in pattern else "`_` and `-`"
    return f"write {first}, and after the first of them also {signs}"


def _too_short(mistake: Mistake) -> list[Problem]:
    if mistake.details["input"]:
        return []  # the list holds something; its items are refused by problems of their own
    if mistake.details["type"] == "string_too_short":
        words = _EMPTY_NAMES.get(mistake.path, "must not be blank")
        return [mistake.problem("empty", f"`{mistake.name}` must not be empty", legacy=words)]
    words = _empty_words(mistake.path[:-1], mistake.name)
    return [mistake.problem("empty", f"`{mistake.name}` must hold at least one entry", legacy=words)]


_EMPTY_NAMES: dict[Path, str] = {
    ("id",): 'must not be blank\nmust match "^[a-zA-Z0-9][a-zA-Z0-9._-]*"\nsize must be between 1 and 100',
    ("namespace",): 'must match "^[a-z0-9][a-z0-9._-]*"\nsize must be between 1 and 150',
}
"""Pydantic stops at the length; the original goes on to pattern and size."""


def _too_long(mistake: Mistake) -> list[Problem]:
    limit = mistake.context.get("max_length")
    if mistake.name == "id" and limit == 256:
        legacy = "Task id must be at most 256 characters"
    else:
        legacy = f"size must be between {0 if mistake.name == 'displayName' else 1} and {limit}"
    return [mistake.problem("too-long", f"`{mistake.name}` is longer than {limit} characters", legacy=legacy)]


def _too_many(mistake: Mistake) -> list[Problem]:
    limit, given = mistake.context["max_length"], mistake.context["actual_length"]
    message = f"`{mistake.name}` holds {given} entries; {limit} are the most"
    return [mistake.problem("too-long", message, legacy=f"size must be between 0 and {limit}")]


def _limits(mistake: Mistake) -> list[Problem]:
    bound, word = next((mistake.context[key], word) for key, word in _BOUNDS.items() if key in mistake.context)
    message = f"`{mistake.name}` must be {word} {bound}, it is {described(mistake.details['input'])}"
    return [mistake.problem("limit", message, legacy=f"must be {word} {bound}")]


_BOUNDS = {"ge": "greater than or equal to", "gt": "greater than", "le": "less than or equal to", "lt": "less than"}


def _choice(mistake: Mistake) -> list[Problem]:
    accepted = [word.strip("'") for word in str(mistake.context.get("expected")).replace(" or ", ", ").split(", ")]
    written = mistake.details["input"]
    meant = closest(str(written), frozenset(accepted))
    hint = f"did you mean {meant}? It" if meant else "it"
    legacy = (
        f"Invalid type: {written}"
        if mistake.name == "type"
        else f'Cannot deserialize value from String "{written}": not one of the values accepted for Enum class:'
        f" [{', '.join(accepted)}]"
    )
    message = f"{described(written)} cannot be used as `{mistake.name}`: {hint} can be {_listed(accepted)}"
    return [mistake.problem("choice", message, legacy=legacy, constraint=False, fix=meant)]


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _said_by_the_model(mistake: Mistake) -> list[Problem]:
    error = mistake.context.get("error")
    words = str(error) if error is not None else mistake.details["msg"]
    ours = _OUR_WORDS.get(words, words)
    is_of_value = mistake.path and isinstance(mistake.path[-1], str)
    who = f"`{mistake.name}`" if is_of_value else owner_name(mistake.document, mistake.path)
    meant = duration_meant(mistake.details["input"]) if "is not a duration" in words else None
    hint = f"; did you mean {meant}?" if meant else ""
    return [mistake.problem("value", f"{who}: {ours}{hint}", legacy=words, fix=meant)]


def duration_meant(written: Any) -> str | None:
    """`5m`, `30 seconds`: what people write for a duration, as ISO-8601 writes it."""
    found = _SPAN.fullmatch(written.strip().lower()) if isinstance(written, str) else None
    if found is None:
        return None
    count, unit = found.groups()
    return f"P{count}D" if unit == "d" else f"PT{count}{unit.upper()}"


_SPAN = re.compile(r"(\d+) ?(s|m|h|d)(?:ec(?:ond)?s?|in(?:ute)?s?|our(?:s)?|r(?:s)?|ay(?:s)?)?", re.ASCII)


_OUR_WORDS = {
    "No task defined, neither cases or default have any tasks": "neither `cases` nor `defaults` holds a task",
}


def _as_it_is(mistake: Mistake) -> list[Problem]:
    return [mistake.problem("value", f"`{mistake.name}`: {mistake.details['msg']}", legacy=mistake.details["msg"])]


def _wrong_type(alternatives: list[Mistake]) -> Problem:
    mistake = alternatives[0]
    wanted = list(dict.fromkeys(_TYPES[alternative.details["type"]] for alternative in alternatives))
    given = mistake.details["input"]
    word = mistake.document.word(mistake.path)
    if wanted == ["a text"] and isinstance(given, bool) and word is not None:
        message = f"`{mistake.name}` must be a text, and `{word}` is a truth value in YAML: put it in quotes"
        return mistake.problem("wrong-type", message, fix=f'"{word}"')
    if mistake.path and isinstance(mistake.path[-1], int) and mistake.name in TASK_LISTS:
        message = f"an entry of `{mistake.name}` is a task, a mapping with id and type; this is {described(given)}"
    else:
        message = f"`{mistake.name}` must be {_listed(wanted)}; this is {described(given)}"
        if wanted == ["a list"] and isinstance(given, dict):
            message += ": begin each entry with `- `"
    return mistake.problem("wrong-type", message)


_TYPES = {
    "string_type": "a text",
    "string_sub_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}

_EXPLANATIONS: dict[str, Callable[[Mistake], list[Problem]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_property,
    "string_pattern_mismatch": _pattern,
    "string_too_short": _too_short,
    "string_too_long": _too_long,
    "too_short": _too_short,
    "too_long": _too_many,
    "greater_than_equal": _limits,
    "greater_than": _limits,
    "less_than_equal": _limits,
    "less_than": _limits,
    "enum": _choice,
    "literal_error": _choice,
    "value_error": _said_by_the_model,
}
