"""Takes SQL text apart: into statements, and into text and named parameters. Quotes and comments are left alone."""

import re
from collections.abc import Iterator

_PIECE = re.compile(
    r"""
      [eE]'(?:[^'\\]|\\.|'')*'          # an escape string
    | '(?:[^']|'')*'                    # a string
    | "(?:[^"]|"")*"                    # a quoted name
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$   # a dollar-quoted body
    | --[^\n]*
    | /\*.*?\*/
    | ::                                # a cast, not a parameter
    | :(?P<name>[A-Za-z_]\w*)
    | (?P<end>;)
    | [^;:'"$/eE-]+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def split(sql: str) -> list[str]:
    """The statements of a text, without their semicolons; empty ones are dropped."""
    statements = [""]
    for piece in _PIECE.finditer(sql):
        if piece["end"]:
            statements.append("")
        else:
            statements[-1] += piece[0]
    return [statement.strip() for statement in statements if _is_more_than_comments(statement)]


def with_placeholders(sql: str, names: set[str]) -> str:
    """The text with each `:name` of `names` in psycopg's form, and its own percent signs doubled."""
    return "".join(_placeholder(piece, names) for piece in _PIECE.finditer(sql))


def _placeholder(piece: re.Match[str], names: set[str]) -> str:
    return f"%({piece['name']})s" if piece["name"] in names else piece[0].replace("%", "%%")


def _is_more_than_comments(statement: str) -> bool:
    return any(_meaningful(statement))


def _meaningful(statement: str) -> Iterator[str]:
    return (
        piece[0] for piece in _PIECE.finditer(statement) if piece[0].strip() and not piece[0].startswith(("--", "/*"))
    )
