"""Tokens of one expression or tag, from just behind its opening delimiter to its closing one."""

import re
from typing import Literal, NamedTuple, NoReturn

from tiercel.expression.budgets import ReadingBudget
from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import LONG_HIGHEST, Value

TokenKind = Literal["name", "number", "string", "interpolation", "operator", "punctuation", "end"]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<long>[0-9]+L(?!\w))
  | (?P<double>[0-9]+\.[0-9]+)
  | (?P<integer>[0-9]+)
  | (?P<word>(?:is\s+not|isIn|is|not|and|or|contains|equals)(?!\w))
  | (?P<name>[^\W\d]\w*)
  | (?P<symbol>\?\?\?|\?\?|\.\.|==|!=|<=|>=|[-+*/%~|<>])
  | (?P<punctuation>[()\[\]{}?:.,=])
  | (?P<single>'(?:[^'\\]++|\\.)*+')
    """,
    re.VERBOSE | re.DOTALL,
)
# Possessive, for a loop over a long text that may turn back remembers every turn.
_DOUBLE_QUOTED = re.compile(r'(?:[^"\\#]++|\\.|\#(?!\{))*+', re.DOTALL)
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    """`value` is what a literal stands for; of an interpolation its parts: texts and token lists."""

    kind: TokenKind
    text: str
    value: Value
    offset: int


class Lexer:
    """Reads tokens of `template`; `position` is where the next one begins."""

    def __init__(self, template: str, budget: ReadingBudget, *, position: int = 0, count: int = 0) -> None:
        self.template = template
        self.position = position
        self.count = count
        """How many tokens were read so far, those of earlier pieces included."""
        self._budget = budget
        self._depth = 0

    def tokens(self, closing: str) -> list[Token]:
        """The tokens up to `closing`, then an end token whose value says whether a dash stood before it."""
        tokens: list[Token] = []
        open_brackets: list[str] = []
        while open_brackets or not self._is_at(closing):
            token = self._next()
            if token is None:
                continue
            if token.kind == "punctuation":
                self._match_bracket(token, open_brackets)
            tokens.append(token)
            self._take_stock()
        tokens.append(self._end(closing))
        return tokens

    def _take_stock(self) -> None:
        self.count += 1
        if self.count > self._budget.tokens:
            raise ExpressionError(
                "limit",
                f"the template has more than {self._budget.tokens} names, texts and signs in braces",
                self.position,
            )

    def _inner_tokens(self) -> list[Token]:
        """Those of an interpolation."""
        self._depth += 1
        if self._depth > self._budget.nesting:
            raise ExpressionError(
                "limit", f"more than {self._budget.nesting} `#{{…}}` within one another", self.position
            )
        tokens = self.tokens("}")
        self._depth -= 1
        return tokens

    def _is_at(self, closing: str) -> bool:
        if self.position >= len(self.template):
            self._fail(f"`{closing}` is missing at the end")
        return self.template.startswith((closing, "-" + closing), self.position)

    def _end(self, closing: str) -> Token:
        offset = self.position
        has_dash = self.template[offset] == "-"
        self.position += len(closing) + has_dash
        return Token("end", closing, has_dash, offset)

    def _next(self) -> Token | None:
        offset = self.position
        if offset < len(self.template) and self.template[offset] == '"':
            return self._double_quoted()
        found = _TOKEN.match(self.template, offset)
        if found is None:
            self._fail_at_character()
        self.position = found.end()
        return _token(found.lastgroup or "", found.group(), offset)

    def _double_quoted(self) -> Token:
        start = self.position
        self.position += 1
        parts: list[str | list[Token]] = []
        while True:
            found = _DOUBLE_QUOTED.match(self.template, self.position)
            text = found.group() if found else ""
            parts.append(text.replace('\\"', '"'))
            self.position += len(text)
            if self.template.startswith('"', self.position):
                self.position += 1
                return _string_or_interpolation(parts, start)
            if not self.template.startswith("#{", self.position):
                self._fail('the closing `"` is missing', start)
            self.position += 2
            parts.append(self._inner_tokens())

    def _match_bracket(self, token: Token, open_brackets: list[str]) -> None:
        if token.text in _CLOSERS:
            open_brackets.append(_CLOSERS[token.text])
        elif token.text in ")]}":
            expected = open_brackets.pop() if open_brackets else "no closing bracket"
            if expected != token.text:
                self._fail(f"`{token.text}` stands where {expected} is expected", token.offset)

    def _fail_at_character(self) -> NoReturn:
        if self.position >= len(self.template):
            self._fail("the expression is not closed")
        if self.template[self.position] == "'":
            self._fail("the closing `'` is missing")
        self._fail(f"`{self.template[self.position]}` cannot stand here")

    def _fail(self, message: str, offset: int | None = None) -> NoReturn:
        raise ExpressionError("syntax", message, self.position if offset is None else offset)


def _token(group: str, text: str, offset: int) -> Token | None:
    match group:
        case "space":
            return None
        case "long" | "integer":
            return Token("number", text, _long(text.rstrip("L"), offset), offset)
        case "double":
            return Token("number", text, float(text), offset)
        case "word" | "symbol":
            return Token("operator", " ".join(text.split()), None, offset)
        case "single":
            return Token("string", text, text[1:-1].replace("\\'", "'"), offset)
        case "punctuation":
            return Token("punctuation", text, None, offset)
        case _:
            return Token("name", text, None, offset)


def _long(digits: str, offset: int) -> int:
    value = int(digits) if len(digits) < 100 else LONG_HIGHEST + 1
    if value > LONG_HIGHEST:
        raise ExpressionError("syntax", f"the number is larger than {LONG_HIGHEST}; write it as text", offset)
    return value


def _string_or_interpolation(parts: list[str | list[Token]], offset: int) -> Token:
    if len(parts) == 1:
        return Token("string", "", parts[0], offset)
    return Token("interpolation", "", parts, offset)
