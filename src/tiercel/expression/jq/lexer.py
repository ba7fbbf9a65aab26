"""Tokens of a jq program. A text with programs in it is one token that holds their tokens."""

import re
from typing import Any, Literal, NamedTuple, TypeAlias

from tiercel.expression.jq.errors import mistake

TokenKind: TypeAlias = Literal["name", "field", "variable", "format", "number", "text", "symbol", "end"]

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|\#[^\n]*)
  | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<field>\.[A-Za-z_][A-Za-z_0-9]*)
  | (?P<variable>\$(?:[A-Za-z_][A-Za-z_0-9]*::)*[A-Za-z_][A-Za-z_0-9]*)
  | (?P<format>@[A-Za-z0-9_]+)
  | (?P<name>(?:[A-Za-z_][A-Za-z_0-9]*::)*[A-Za-z_][A-Za-z_0-9]*)
  | (?P<symbol>\?//|//=|\|=|\+=|-=|\*=|/=|%=|==|!=|<=|>=|//|\.\.|[.\[\]{}()|,:;=<>+\-*/%?"])
    """,
    re.VERBOSE,
)
_CHARACTERS = re.compile(r'[^"\\]+')
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEXADECIMAL = re.compile(r"u([0-9a-fA-F]{4})")
_LONGEST = 64 * 1024


class Token(NamedTuple):
    kind: TokenKind
    text: str
    value: Any = None


def tokens_of(program: str) -> list[Token]:
    """Raises ExpressionError."""
    if len(program) > _LONGEST:
        raise mistake(f"it has more than {_LONGEST} characters")
    return _Lexer(program).tokens()


class _Lexer:
    def __init__(self, program: str) -> None:
        self._program = program
        self._position = 0

    def tokens(self, *, nested: bool = False) -> list[Token]:
        """The tokens up to the end, or up to the bracket that closes the program within a text."""
        tokens: list[Token] = []
        depth = 0
        while self._position < len(self._program):
            token = self._next()
            if token is None:
                continue
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "symbol" else 0
            if depth < 0 and nested:
                return [*tokens, Token("end", "")]
            tokens.append(token)
        if nested:
            raise mistake("a text is not closed")
        return [*tokens, Token("end", "")]

    def _next(self) -> Token | None:
        found = _TOKEN.match(self._program, self._position)
        if found is None:
            raise mistake(f"`{self._program[self._position]}` cannot stand there")
        self._position = found.end()
        kind, text = found.lastgroup, found.group()
        match kind:
            case "skip":
                return None
            case "number":
                return Token("number", text, _number(text))
            case "field" | "variable" | "format":
                return Token(kind, text, text[1:])
            case "name":
                return Token("name", text)
            case _:
                return self._text() if text == '"' else Token("symbol", text)

    def _text(self) -> Token:
        parts: list[str | list[Token]] = [""]
        while self._position < len(self._program):
            character = self._program[self._position]
            if character == '"':
                self._position += 1
                return Token("text", '"', _paired(parts))
            if self._program.startswith("\\(", self._position):
                self._position += 2
                parts += [self.tokens(nested=True), ""]
            else:
                parts[-1] = f"{parts[-1]}{self._escape() if character == chr(92) else self._plain()}"
        raise mistake("a text is not closed")

    def _plain(self) -> str:
        found = _CHARACTERS.match(self._program, self._position)
        text = found.group() if found else ""
        self._position += len(text)
        return text

    def _escape(self) -> str:
        spelled = self._program[self._position + 1 : self._position + 6]
        if found := _HEXADECIMAL.match(spelled):
            self._position += 6
            return chr(int(found[1], 16))
        if spelled[:1] not in _ESCAPES:
            raise mistake(f"`\\{spelled[:1]}` means nothing in a text")
        self._position += 2
        return _ESCAPES[spelled[0]]


def _number(text: str) -> int | float:
    value = float(text)
    return int(text) if text.isdecimal() else int(value) if value.is_integer() and abs(value) < 1e17 else value


def _paired(parts: list[str | list[Token]]) -> list[str | list[Token]]:
    """Two halves of a surrogate pair, escaped one after the other, are one character."""
    return [
        part.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(part, str) else part
        for part in parts
    ]
