"""What is said of a text that is no YAML: what the parser saw, in the words of somebody who writes flows."""

from collections.abc import Callable

from yaml import YAMLError
from yaml.error import MarkedYAMLError

from tiercel.definition.problem import Problem
from tiercel.definition.yaml import TooMuch, place_of, unreadable_character


def explain_syntax(error: YAMLError | UnicodeEncodeError, text: str) -> Problem:
    """The one problem of a text that cannot be parsed."""
    if isinstance(error, UnicodeEncodeError):
        return _unreadable(text, error.start, f"U+{ord(error.object[error.start]):04X}")
    if (unreadable := unreadable_character(error)) is not None:
        return _unreadable(text, *unreadable)
    if isinstance(error, TooMuch):
        return Problem("too-much", f"this is too much for a flow: {error.limit}", line=1, column=1)
    return _from_parser(error, text)


def _from_parser(error: YAMLError, text: str) -> Problem:
    line, column = place_of(error)
    said = error.problem or "" if isinstance(error, MarkedYAMLError) else str(error)
    lines = text.splitlines()
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    code, message = next((code, words(written, column)) for code, sign, words in _EXPLANATIONS if sign in said)
    if code == "unclosed" and isinstance(error, MarkedYAMLError) and error.context_mark is not None:
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
    return Problem(
        code, message or f"this is no YAML: {said}", "", line, column, line, column + 1, legacy=_legacy(error, text)
    )


def _forbidden_character(line: str, column: int) -> str:
    character = line[column - 1 : column]
    if character == "\t":
        return "a tab cannot be used to indent; use spaces"
    return f"a text that begins with {character} must stand in quotes"


def _second_colon(line: str, column: int) -> str:
    if line[: column - 1].count(":"):
        return "a second colon in one line: put the text in quotes, or begin a new line for the inner name"
    return "a name and a value are not expected here: check that the line begins below the names it belongs to"


def _broken_structure(line: str, column: int) -> str:
    if "{{" in line:
        return 'an expression must stand in quotes: write name: "{{ … }}"'
    return "this line does not belong to what stands above it: check its indentation, and the quotes around it"


def _no_colon(line: str, column: int) -> str:
    return "a name without a colon: write `name: value`, and indent what continues the text above"


def _unclosed(line: str, column: int) -> str:
    return "what is opened here is never closed"


def _several(line: str, column: int) -> str:
    return "one flow at a time: a second document begins here (`---`)"


def _no_anchor(line: str, column: int) -> str:
    return "no anchor of this name stands above; a text that begins with * must stand in quotes"


def _as_it_is(line: str, column: int) -> str:
    return ""


_EXPLANATIONS: tuple[tuple[str, str, Callable[[str, int], str]], ...] = (
    ("syntax", "cannot start any token", _forbidden_character),
    ("syntax", "mapping values are not allowed", _second_colon),
    ("syntax", "did not find expected key", _broken_structure),
    ("syntax", "did not find expected '-' indicator", _broken_structure),
    ("syntax", "block sequence entries are not allowed", _broken_structure),
    ("syntax", "did not find expected <document start>", _broken_structure),
    ("syntax", "could not find expected ':'", _no_colon),
    ("unclosed", "unexpected end of stream", _unclosed),
    ("unclosed", "did not find expected ',' or", _unclosed),
    ("unclosed", "did not find expected node content", _unclosed),
    ("several-documents", "found another document", _several),
    ("syntax", "undefined alias", _no_anchor),
    ("syntax", "", _as_it_is),
)


def _unreadable(text: str, offset: int, name: str) -> Problem:
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    return Problem(
        "unreadable",
        f"the character {name} cannot stand in YAML; remove it, or write it as an escape in double quotes",
        "",
        line,
        column,
        line,
        column + 1,
        legacy=f"Illegal Flow source: YAML parsing error: special characters are not allowed (at line {line})",
    )


def _legacy(error: YAMLError, text: str) -> str:
    """The parser's own report, laid out as the original lays it out."""
    line, column = place_of(error)
    if not isinstance(error, MarkedYAMLError):
        return f"Illegal Flow source: YAML parsing error: {error} (at line {line})"
    parts = ((error.context, error.context_mark), (error.problem, error.problem_mark))
    report = "".join(_report(said, mark.line, mark.column, text) for said, mark in parts if said and mark)
    return (
        f"Illegal Flow source: YAML parsing error: {report}\n"
        f" at [Source: (StringReader); line: {line}, column: {column}] (at line {line})"
    )


def _report(said: str, line: int, column: int, text: str) -> str:
    lines = text.splitlines()
    written = lines[line] if line < len(lines) else ""
    words = said.replace("not allowed in this context", "not allowed here")
    return f"{words}\n in 'reader', line {line + 1}, column {column + 1}:\n    {written}\n    {' ' * column}^\n"
