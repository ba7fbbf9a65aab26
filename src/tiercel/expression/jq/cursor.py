"""Where a parser of jq stands in its tokens, and the steps it can take."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from tiercel.expression.errors import ExpressionError
from tiercel.expression.jq.errors import mistake
from tiercel.expression.jq.lexer import Token

Item = TypeVar("Item")


class Cursor:
    """`position` never passes the end token."""

    def __init__(self, tokens: Sequence[Token], depth: int = 0) -> None:
        self.tokens = tokens
        self._position = 0
        self._depth: int = depth

    def finish(self) -> None:
        if self.token.kind != "end":
            raise self.unexpected()

    def separated(self, closing: str, read: Callable[[], Item]) -> list[Item]:
        if self.accept("symbol", closing):
            return []
        items = [read()]
        while self.accept("symbol", ","):
            items.append(read())
        self.expect("symbol", closing)
        return items

    @property
    def token(self) -> Token:
        return self.tokens[self._position]

    @property
    def following(self) -> Token:
        return self.tokens[min(self._position + 1, len(self.tokens) - 1)]

    def is_at(self, kind: str, text: str) -> bool:
        return self.token.kind == kind and self.token.text == text

    def advance(self) -> Token:
        token = self.token
        if token.kind == "end":
            raise mistake("it ends too early")
        self._position += 1
        return token

    def accept(self, kind: str, text: str) -> bool:
        if not self.is_at(kind, text):
            return False
        self._position += 1
        return True

    def expect(self, kind: str, text: str | None = None) -> Token:
        if self.token.kind != kind or (text is not None and self.token.text != text):
            raise self.unexpected(text)
        return self.advance()

    def unexpected(self, wanted: str | None = None) -> ExpressionError:
        if self.token.kind == "end":
            return mistake(f"`{wanted}` is missing at its end" if wanted else "it ends too early")
        expected = f" where `{wanted}` is expected" if wanted else ""
        return mistake(f"`{self.token.text}` cannot stand{expected or ' there'}")
