"""How single values are written: without quotes where that means the same, texts of several lines as blocks."""

import re
from textwrap import wrap

from tiercel.definition.formatting.tree import Scalar
from tiercel.definition.yaml import TEXT, tag_of

_WIDTH = 100
_FORBIDDEN_START = frozenset("-?:,[]{}#&*!|>'\"%@`=~")
_ELSEWHERE_NO_TEXT = re.compile(
    r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"  # 12:30 is a number for YAML 1.1
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?"
    r"|0[oO][0-7]+|[yYnN]|[-+]?[0-9][0-9_.eE+-]*"
)
"""Texts that other readers of YAML take for numbers, dates or booleans."""
_UNPRINTABLE = re.compile(r"[^\t\n -~\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff\u0085]")


def written(scalar: Scalar, *, in_flow: bool = False) -> str:
    """A value in one line."""
    if (
        scalar.is_alias
        or scalar.is_tagged
        or (not scalar.style and "\n" not in scalar.raw)
        or (scalar.style == '"' and ("\\" in scalar.raw and "\n" not in scalar.raw and not is_plain(scalar.value)))
    ):
        text = scalar.raw
    else:
        text = scalar.value if is_plain(scalar.value, in_flow=in_flow) else quoted(scalar.value)
    return f"{scalar.properties} {text}".strip()


def is_plain(value: str, *, in_flow: bool = False) -> bool:
    """Is a text read as this very text where it stands without quotes?"""
    if not value or value != value.strip() or value[0] in _FORBIDDEN_START or "\n" in value or "\t" in value:
        return False
    if ": " in value or " #" in value or value.endswith(":") or value.startswith(("---", "...")):
        return False
    if in_flow and any(sign in value for sign in ",[]{}:?"):
        return False
    return tag_of(value) == TEXT and not _ELSEWHERE_NO_TEXT.fullmatch(value) and not _UNPRINTABLE.search(value)


def quoted(value: str) -> str:
    """A text in quotes: double ones, unless it holds signs that would have to be escaped in them."""
    if _UNPRINTABLE.search(value) or "\n" in value or "\t" in value:
        return f'"{"".join(map(_escaped, value))}"'
    if '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'


def _escaped(character: str) -> str:
    named = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    if character in named:
        return named[character]
    if not _UNPRINTABLE.match(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def as_block(scalar: Scalar) -> list[str] | None:
    """The header and the lines of a text of several lines; None for a value that is written in one line."""
    if scalar.is_block:
        return _block(scalar)
    value = scalar.value
    if scalar.is_alias or scalar.is_tagged or "\n" not in scalar.raw + value:
        return None
    if "\n" not in value:
        return (
            [">-", *wrap(value, _WIDTH, break_long_words=False, break_on_hyphens=False)]
            if _can_be_folded(value)
            else None
        )
    return literal(value)


def literal(value: str) -> list[str] | None:
    """A text of several lines as header and lines; None where a block would not keep it."""
    if "\n" not in value or not _can_be_literal(value):
        return None
    chomping = "" if value.endswith("\n") else "-"
    body = value[:-1] if value.endswith("\n") else value
    return [f"|{chomping}", *body.split("\n")]


def _can_be_folded(value: str) -> bool:
    """A long text in several lines, between whose words stands one space each."""
    return len(value) > _WIDTH and " ".join(value.split()) == value and not _UNPRINTABLE.search(value)


def _can_be_literal(value: str) -> bool:
    """Trailing spaces would be invisible, and a first line that begins with one would need a number in the header."""
    lines = value.split("\n")
    if value.endswith("\n\n") or not lines[0].strip() or lines[0][0] in " \t":
        return False
    return not any(line != line.rstrip() for line in lines) and not _UNPRINTABLE.search(value) and "\t" not in value


def _block(scalar: Scalar) -> list[str]:
    """A block as it is written, its lines without the indentation that they have in common."""
    header, _, body = scalar.raw.partition("\n")
    sign = re.sub(r"[1-9]", "", header.partition("#")[0].strip())
    if len(sign) == 1 and not scalar.value.endswith("\n"):
        sign += "-"  # the text of the flow ends here, without a line end
    lines = body.split("\n")[:-1] if body.endswith("\n") else body.split("\n")
    while lines and not lines[-1].strip() and "+" not in sign:
        lines.pop()
    indentation = _indentation(scalar, lines)
    bare = [line[indentation:] if line.strip() else line[indentation:].rstrip("\r") for line in lines]
    number = "2" if next((line for line in bare if line.strip()), "").startswith(" ") else ""
    comment = header.partition("#")[2].rstrip()
    return [f"{sign[0]}{number}{sign[1:]}" + (f"  #{comment}" if comment else ""), *bare]


def _indentation(scalar: Scalar, lines: list[str]) -> int:
    """How far the lines of a block stand in: what its first line has more than the first line of the value."""
    first = next((line for line in lines if line.strip()), "")
    value = next((line for line in scalar.value.split("\n") if line.strip()), "")
    return len(first) - len(first.lstrip(" ")) - (len(value) - len(value.lstrip(" ")))
