"""The template level: text, `{{ }}` and tags become statements; blocks contain statements."""

from collections.abc import Callable, Mapping
from typing import NoReturn

from tiercel.expression import removed, syntax
from tiercel.expression.budgets import ReadingBudget
from tiercel.expression.dialect import Dialect
from tiercel.expression.errors import ExpressionError
from tiercel.expression.parser import LITERALS, Parser
from tiercel.expression.pieces import Piece, PrintPiece, TagPiece, TextPiece, cut
from tiercel.expression.syntax import ArgumentList, Body, Expression, Statement


def parse(template: str, dialect: Dialect, budget: ReadingBudget) -> Body:
    """The statements of a template."""
    if len(template) > budget.characters:
        raise ExpressionError("limit", f"the template has more than {budget.characters} characters")
    return _TemplateParser(cut(template, budget), dialect, budget).template()


class _TemplateParser:
    def __init__(self, pieces: list[Piece], dialect: Dialect, budget: ReadingBudget) -> None:
        self._pieces = pieces
        self._dialect = dialect
        self._budget = budget
        self._position = 0
        self._depth = 0
        self._tags: Mapping[str, Callable[[Parser, int], Statement]] = {
            "if": self._if,
            "for": self._for,
            "set": self._set,
            "macro": self._macro,
            "block": self._block,
            "filter": self._filter,
        }

    def template(self) -> Body:
        body: list[Statement] = []
        while self._position < len(self._pieces):
            body.append(self._statement())
        return body

    def _statement(self) -> Statement:
        piece = self._pieces[self._position]
        self._position += 1
        match piece:
            case TextPiece():
                return syntax.Text(piece.text, piece.is_raw, piece.offset)
            case PrintPiece():
                return syntax.Print(self._parser(piece).whole_expression(), piece.offset)
            case TagPiece():
                return self._tag(piece)

    def _parser(self, piece: PrintPiece | TagPiece) -> Parser:
        return Parser(piece.tokens, self._dialect, self._budget)

    def _tag(self, piece: TagPiece) -> Statement:
        parser = self._parser(piece)
        name = parser.expect("name", "the name of a tag")
        read = self._tags.get(name.text)
        if read is None:
            raise ExpressionError("syntax", self._of_unknown(name.text), name.offset)
        return read(parser, piece.offset)

    def _of_unknown(self, name: str) -> str:
        opened = name.removeprefix("end")
        if opened != name and opened in (*self._tags, "raw", "verbatim"):
            return f"`{name}` closes nothing: no `{opened}` is open here"
        known = ", ".join([*self._tags, "raw", "verbatim"])
        return f"there is no tag `{name}` here; {removed.TAGS.get(name, f'tags are {known}')}"

    def _body(self, opened: str, offset: int, *closings: str) -> tuple[Body, str, Parser]:
        """Statements up to one of the closing tags, which one it is, and the parser behind its name."""
        self._depth += 1
        if self._depth > self._budget.blocks:
            raise ExpressionError("limit", f"more than {self._budget.blocks} blocks within one another", offset)
        body: list[Statement] = []
        while (closing := self._closing(closings)) is None:
            if self._position >= len(self._pieces):
                _fail(f"`{opened}` is not closed: `{closings[-1]}` is missing", offset)
            body.append(self._statement())
        self._depth -= 1
        return body, *closing

    def _closing(self, closings: tuple[str, ...]) -> tuple[str, Parser] | None:
        piece = self._pieces[self._position] if self._position < len(self._pieces) else None
        if not isinstance(piece, TagPiece) or piece.tokens[0].text not in closings:
            return None
        self._position += 1
        parser = self._parser(piece)
        return parser.advance().text, parser

    def _if(self, parser: Parser, offset: int) -> Statement:
        branches: list[tuple[Expression, Body]] = []
        otherwise: Body = ()
        closing = "if"
        while closing in {"if", "elseif"}:
            condition = parser.whole_expression()
            body, closing, parser = self._body("if", offset, "elseif", "else", "endif")
            branches.append((condition, body))
        if closing == "else":
            parser.expect("end")
            otherwise, _, parser = self._body("else", offset, "endif")
        parser.expect("end")
        return syntax.If(tuple(branches), otherwise, offset)

    def _for(self, parser: Parser, offset: int) -> Statement:
        variable = _new_name(parser)
        preposition = parser.expect("name", "`in`")
        if preposition.text != "in":
            _fail(f"`{preposition.text}` stands where `in` is expected", preposition.offset)
        iterable = parser.whole_expression()
        body, closing, parser = self._body("for", offset, "else", "endfor")
        otherwise: Body | None = None
        if closing == "else":
            parser.expect("end")
            otherwise, _, parser = self._body("else", offset, "endfor")
        parser.expect("end")
        return syntax.For(variable, iterable, body, otherwise, offset)

    def _set(self, parser: Parser, offset: int) -> Statement:
        variable = _new_name(parser)
        parser.expect("=")
        return syntax.Set(variable, parser.whole_expression(), offset)

    def _macro(self, parser: Parser, offset: int) -> Statement:
        name = _new_name(parser)
        parser.expect("(")
        parameters: list[tuple[str, Expression | None]] = []
        while not parser.accept(")"):
            if parameters:
                parser.expect(",")
            parameter = _new_name(parser)
            parameters.append((parameter, parser.expression() if parser.accept("=") else None))
        parser.expect("end")
        body, _, parser = self._body("macro", offset, "endmacro")
        _end_with_optional_name(parser)
        return syntax.Macro(name, tuple(parameters), body, offset)

    def _block(self, parser: Parser, offset: int) -> Statement:
        kind = "string" if parser.token.kind == "string" else "name"
        token = parser.expect(kind, "the name of the block")
        parser.expect("end")
        body, _, parser = self._body("block", offset, "endblock")
        _end_with_optional_name(parser)
        return syntax.Block(token.value or token.text, body, offset)

    def _filter(self, parser: Parser, offset: int) -> Statement:
        filters: list[tuple[str, ArgumentList, int]] = [parser.filter_call()]
        while parser.token.text == "|":
            parser.advance()
            filters.append(parser.filter_call())
        parser.expect("end")
        body, _, parser = self._body("filter", offset, "endfilter")
        parser.expect("end")
        return syntax.FilterBlock(tuple(filters), body, offset)


def _new_name(parser: Parser) -> str:
    token = parser.expect("name", "a name")
    if token.text in LITERALS:
        _fail(f"`{token.text}` is a literal and cannot be a name", token.offset)
    return token.text


def _end_with_optional_name(parser: Parser) -> None:
    if parser.token.kind == "name":
        parser.advance()
    parser.expect("end")


def _fail(message: str, offset: int) -> NoReturn:
    raise ExpressionError("syntax", message, offset)
