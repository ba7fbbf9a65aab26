"""A template cut into its pieces: text, `{{ }}`, `{% %}`. Comments go, dashes trim the text beside them."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from tiercel.expression.budgets import ReadingBudget
from tiercel.expression.errors import ExpressionError
from tiercel.expression.lexer import Lexer, Token

_OPENING = re.compile(r"\{[{%#]")
_UNPARSED = re.compile(r"\{%(?P<dash>-\s)?-?\s*(?P<tag>raw|verbatim)\s*-?%\}")
_ENDS = {tag: re.compile(rf"\{{%(?P<dash>-)?\s*end{tag}\s*(?P<trims_next>-)?%\}}") for tag in ("raw", "verbatim")}
_CLOSINGS = {"{{": "}}", "{%": "%}", "{#": "#}"}


@dataclass(frozen=True, slots=True)
class TextPiece:
    text: str
    is_raw: bool
    offset: int


@dataclass(frozen=True, slots=True)
class PrintPiece:
    tokens: list[Token]
    offset: int


@dataclass(frozen=True, slots=True)
class TagPiece:
    tokens: list[Token]
    offset: int


Piece: TypeAlias = TextPiece | PrintPiece | TagPiece


def cut(template: str, budget: ReadingBudget) -> list[Piece]:
    """The pieces of a template in order."""
    return _Cutter(template, budget).cut()


class _Cutter:
    def __init__(self, template: str, budget: ReadingBudget) -> None:
        self._template = template
        self._budget = budget
        self._tokens = 0
        self._position = 0
        self._trims_next = False
        self._pieces: list[Piece] = []

    def cut(self) -> list[Piece]:
        while found := _OPENING.search(self._template, self._position):
            opening, start = found.group(), found.start()
            if not self._take_unparsed_block(start):
                self._take_text(start, trims_end=self._has_trimming_dash(start))
                self._take_delimited(opening, start)
        self._take_text(len(self._template), trims_end=False)
        return self._pieces

    def _take_text(self, end: int, *, trims_end: bool) -> None:
        text = self._template[self._position : end]
        if self._trims_next:
            text = text.lstrip()
        if trims_end:
            text = text.rstrip()
        if text:
            self._pieces.append(TextPiece(text, False, self._position))
        self._position = end
        self._trims_next = False

    def _has_trimming_dash(self, start: int) -> bool:
        """`{{- x` trims, `{{-5` is minus five."""
        following = self._template[start + 2 : start + 4]
        return following[:1] == "-" and following[1:].isspace()

    def _take_unparsed_block(self, start: int) -> bool:
        """`raw` keeps its blanks and those around it; `verbatim` loses leading ones and heeds the dashes."""
        opening = _UNPARSED.match(self._template, start)
        if opening is None:
            return False
        tag = opening["tag"]
        closing = _ENDS[tag].search(self._template, opening.end())
        if closing is None:
            raise ExpressionError("syntax", f"`{tag}` is not closed: `end{tag}` is missing", start)
        body = self._template[opening.end() : closing.start()]
        is_raw = tag == "raw"
        self._take_text(start, trims_end=bool(opening["dash"]) and not is_raw)
        self._add_raw(body if is_raw else _verbatim_text(body, closing), start)
        self._position = closing.end()
        self._trims_next = bool(closing["trims_next"]) and not is_raw
        return True

    def _add_raw(self, text: str, offset: int) -> None:
        if text:
            self._pieces.append(TextPiece(text, True, offset))

    def _take_delimited(self, opening: str, start: int) -> None:
        inside = start + 2 + self._has_trimming_dash(start)
        if opening == "{#":
            self._skip_comment(start)
            return
        lexer = Lexer(self._template, self._budget, position=inside, count=self._tokens + 1)
        tokens = lexer.tokens(_CLOSINGS[opening])
        self._tokens = lexer.count
        self._pieces.append(PrintPiece(tokens, start) if opening == "{{" else TagPiece(tokens, start))
        self._position = lexer.position
        self._trims_next = bool(tokens[-1].value)

    def _skip_comment(self, start: int) -> None:
        end = self._template.find("#}", start + 2)
        if end < 0:
            raise ExpressionError("syntax", "the comment is not closed: `#}` is missing", start)
        self._trims_next = self._template[end - 1] == "-" and end - 1 >= start + 2
        self._position = end + 2


def _verbatim_text(body: str, closing: re.Match[str]) -> str:
    body = body.lstrip()
    return body.rstrip() if closing["dash"] else body
