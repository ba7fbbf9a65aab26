"""Expressions from tokens: a Pratt parser. Tags and blocks are left to `tags`."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from tiercel.expression import syntax
from tiercel.expression.budgets import ReadingBudget
from tiercel.expression.dialect import Dialect
from tiercel.expression.errors import ExpressionError
from tiercel.expression.lexer import Token, TokenKind
from tiercel.expression.syntax import ArgumentList, Expression

LITERALS: Mapping[str, object] = {
    "true": True,
    "TRUE": True,
    "false": False,
    "FALSE": False,
    "null": None,
    "NULL": None,
    "none": None,
    "NONE": None,
}
_UNARY_PRECEDENCE = 500
_UNARY = {"not", "+", "-"}
_COALESCING = {"??", "???", "isIn"}
_PRECEDENCES: Mapping[str, int] = {
    "..": 120,
    "~": 110,
    "|": 100,
    "*": 60,
    "/": 60,
    "%": 60,
    "+": 40,
    "-": 40,
    "==": 30,
    "equals": 30,
    "!=": 30,
    "<": 30,
    ">": 30,
    "<=": 30,
    ">=": 30,
    "is": 20,
    "is not": 20,
    "contains": 20,
    "and": 15,
    "or": 10,
}
Item = TypeVar("Item")


class Parser:
    """Reads one token list. `position` never passes the end token."""

    def __init__(self, tokens: Sequence[Token], dialect: Dialect, budget: ReadingBudget, depth: int = 0) -> None:
        self._tokens = tokens
        self._dialect = dialect
        self._budget = budget
        self._position = 0
        self._depth = depth

    @property
    def token(self) -> Token:
        return self._tokens[self._position]

    def whole_expression(self) -> Expression:
        """The expression that all tokens make up."""
        expression = self.expression()
        self.expect("end")
        return expression

    def expression(self, lowest: int = 0) -> Expression:
        self._descend()
        left = self._unary()
        links = 0
        while (precedence := self._precedence()) >= max(lowest, 1):
            links = self._lengthen(links, self.token)
            left = self._binary(left, precedence)
        if lowest == 0 and self._is_next("?"):
            left = self._ternary(left)
        self._depth -= 1
        return left

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > self._budget.nesting:
            raise ExpressionError(
                "limit", f"the expression has more than {self._budget.nesting} levels of nesting", self.token.offset
            )

    def _lengthen(self, links: int, token: Token) -> int:
        """One link more of a chain; texts joined by `~` become one node however many they are."""
        if links >= self._budget.chain:
            raise ExpressionError(
                "limit", f"more than {self._budget.chain} operators, filters or names in a row", token.offset
            )
        return links + (token.text != "~")

    def _precedence(self) -> int:
        token = self.token
        if token.kind != "operator":
            return 0
        if token.text in _COALESCING:
            return self._dialect.coalesce_precedence
        return _PRECEDENCES.get(token.text, 0)

    def _unary(self) -> Expression:
        token = self.token
        if token.kind != "operator" or token.text not in _UNARY:
            return self._primary()
        self.advance()
        return syntax.Unary(token.text, self.expression(_UNARY_PRECEDENCE), token.offset)

    def _binary(self, left: Expression, precedence: int) -> Expression:
        operator = self.advance()
        match operator.text:
            case "|":
                name, arguments, offset = self.filter_call()
                return syntax.Filter(left, name, arguments, offset)
            case "is" | "is not":
                test = self.expect("name", "the name of a test")
                return syntax.Test(left, test.text, operator.text == "is not", test.offset)
            case "~":
                return self._concatenation(left, precedence, operator.offset)
            case _:
                return syntax.Binary(operator.text, left, self.expression(precedence + 1), operator.offset)

    def _concatenation(self, left: Expression, precedence: int, offset: int) -> Expression:
        """Chains become one node, so that a long one is neither deep nor slow."""
        parts = [left, self.expression(precedence + 1)]
        while self.token.kind == "operator" and self.token.text == "~":
            self.advance()
            parts.append(self.expression(precedence + 1))
        return syntax.Concatenation(tuple(parts), offset)

    def _ternary(self, otherwise: Expression) -> Expression:
        """`a ? b : c ? d : …` is read as one chain."""
        cases: list[tuple[Expression, Expression, int]] = []
        while self.accept("?"):
            self._lengthen(len(cases), self.token)
            offset = self.token.offset
            then = self.expression()
            self.expect(":")
            cases.append((otherwise, then, offset))
            otherwise = self.expression(1)
        for condition, then, offset in reversed(cases):
            otherwise = syntax.Ternary(condition, then, otherwise, offset)
        return otherwise

    def filter_call(self) -> tuple[str, ArgumentList, int]:
        """A filter's name, its arguments if any, and where it stands."""
        name = self.expect("name", "the name of a filter")
        arguments = self._arguments() if self.accept("(") else ArgumentList()
        return name.text, arguments, name.offset

    def _primary(self) -> Expression:
        token = self.advance()
        match token.kind, token.text:
            case "punctuation", "[":
                return syntax.ListDisplay(tuple(self._separated("]", self.expression)), token.offset)
            case "punctuation", "{":
                return syntax.MapDisplay(tuple(self._separated("}", self._entry)), token.offset)
            case "punctuation", "(":
                inner = self.expression()
                self.expect(")")
                return self._postfix(inner)
            case _:
                return self._postfix(self._atom(token))

    def _atom(self, token: Token) -> Expression:
        match token.kind:
            case "name" if token.text in LITERALS:
                return syntax.Literal(LITERALS[token.text], token.offset)
            case "name" if self.accept("("):
                return syntax.Call(token.text, self._arguments(), token.offset)
            case "name":
                return syntax.Name(token.text, token.offset)
            case "string" | "number":
                return syntax.Literal(token.value, token.offset)
            case "interpolation":
                return syntax.Concatenation(tuple([self._part(part) for part in token.value]), token.offset)
            case _:
                self._position -= 1
                raise self._error("a value")

    def _part(self, part: str | list[Token]) -> Expression:
        if isinstance(part, str):
            return syntax.Literal(part, self.token.offset)
        return Parser(part, self._dialect, self._budget, self._depth).whole_expression()

    def _postfix(self, target: Expression) -> Expression:
        links = 0
        while True:
            links = self._lengthen(links, self.token)
            offset = self.token.offset
            if self.accept("."):
                target = self._attribute(target)
            elif self.accept("["):
                target = syntax.Subscript(target, self.expression(), offset)
                self.expect("]")
            else:
                return target

    def _attribute(self, target: Expression) -> Expression:
        name = self.expect("name", "a name (write ['…'] for other keys)")
        if not self.accept("("):
            return syntax.Attribute(target, name.text, name.offset)
        return syntax.MethodCall(target, name.text, tuple(self._separated(")", self.expression)), name.offset)

    def _entry(self) -> tuple[Expression, Expression]:
        key = self.expression()
        self.expect(":")
        return key, self.expression()

    def _separated(self, closing: str, read: Callable[[], Item]) -> list[Item]:
        if self.accept(closing):
            return []
        items = [read()]
        while self.accept(","):
            items.append(read())
        self.expect(closing)
        return items

    def _arguments(self) -> ArgumentList:
        arguments = self._separated(")", self._argument)
        positional = [value for name, value in arguments if name is None]
        named = [(name, value) for name, value in arguments if name is not None]
        if any(name is not None for name, _ in arguments[: len(positional)]):
            raise self._error("a named argument after a named one")
        return ArgumentList(tuple(positional), tuple(named))

    def _argument(self) -> tuple[str | None, Expression]:
        following = self._tokens[self._position + 1] if self.token.kind == "name" else self.token
        if following.kind == "punctuation" and following.text == "=":
            name = self.advance().text
            self.advance()
            return name, self.expression()
        return None, self.expression()

    def advance(self) -> Token:
        token = self.token
        if token.kind == "end":
            raise self._error("a value")
        self._position += 1
        return token

    def accept(self, punctuation: str) -> bool:
        """Whether this punctuation is next; it is passed then."""
        if not self._is_next(punctuation):
            return False
        self._position += 1
        return True

    def _is_next(self, punctuation: str) -> bool:
        token = self.token
        return token.kind == "punctuation" and token.text == punctuation

    def expect(self, what: TokenKind | str, called: str = "") -> Token:
        """The next token, which must be of this kind or be this punctuation."""
        token = self.token
        if token.kind == "end" and what == "end":
            return token
        if token.kind != what and (token.kind != "punctuation" or token.text != what):
            raise self._error(called or ("the end of the expression" if what == "end" else f"`{what}`"))
        return self.advance()

    def _error(self, wanted: str) -> ExpressionError:
        token = self.token
        found = token.text or repr(token.value)
        return ExpressionError("syntax", f"`{found}` stands where {wanted} is expected", token.offset)
