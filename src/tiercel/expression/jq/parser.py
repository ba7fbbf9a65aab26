"""jq programs from tokens, by precedence."""

from tiercel.expression.errors import ExpressionError
from tiercel.expression.jq import syntax
from tiercel.expression.jq.cursor import Cursor
from tiercel.expression.jq.lexer import Token, tokens_of
from tiercel.expression.jq.syntax import Node, Pattern

_ASSIGNMENTS = frozenset({"=", "|=", "+=", "-=", "*=", "/=", "%=", "//="})
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_KEYWORDS = frozenset(
    [
        "def",
        "if",
        "then",
        "elif",
        "else",
        "end",
        "as",
        "reduce",
        "foreach",
        "try",
        "catch",
        "label",
        "import",
        "include",
        "and",
        "or",
        "__loc__",
    ]
)
_DEEPEST = 60


def parse(program: str) -> Node:
    """The tree of a program. Raises ExpressionError."""
    parser = _Parser(tokens_of(program))
    tree = parser.definitions() if parser.is_only_definitions else parser.pipe()
    parser.finish()
    return tree


def parse_definitions(program: str, rest: Node) -> Node:
    """Definitions, with what is to see them."""
    return _Parser(tokens_of(program)).definitions(rest)


class _Parser(Cursor):
    @property
    def is_only_definitions(self) -> bool:
        """An empty program is the identity, as one that only defines something."""
        return self.tokens[-2:-1] == [Token("symbol", ";")] or self.token.kind == "end"

    def definitions(self, rest: Node | None = None) -> Node:
        if self.is_at("name", "def"):
            name, parameters, body = self._definition()
            return syntax.Define(name, parameters, body, self.definitions(rest))
        return rest or syntax.Identity()

    def pipe(self, *, with_comma: bool = True) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError("limit", f"the jq program has more than {_DEEPEST} levels")
        try:
            return self._pipe(with_comma)
        finally:
            self._depth -= 1

    def _pipe(self, with_comma: bool) -> Node:
        if self.is_at("name", "def"):
            name, parameters, body = self._definition()
            return syntax.Define(name, parameters, body, self.pipe(with_comma=with_comma))
        if self.accept("name", "label"):
            name = self.expect("variable").value
            self.expect("symbol", "|")
            return syntax.Label(name, self.pipe(with_comma=with_comma))
        left = self._comma() if with_comma else self._alternative()
        if self.accept("symbol", "|"):
            return syntax.Pipe(left, self.pipe(with_comma=with_comma))
        return left

    def _comma(self) -> Node:
        left = self._alternative()
        while self.accept("symbol", ","):
            left = syntax.Comma(left, self._alternative())
        return left

    def _alternative(self) -> Node:
        """`//` binds to the right and weaker than an assignment. `a?//b` is read as `a? // b`."""
        left = self._assignment()
        if self.accept("symbol", "?//"):
            return syntax.Alternative(syntax.Try(left, None), self._alternative())
        if self.accept("symbol", "//"):
            return syntax.Alternative(left, self._alternative())
        return left

    def _assignment(self) -> Node:
        left = self._or()
        if self.token.kind == "symbol" and self.token.text in _ASSIGNMENTS:
            operator = self.advance().text
            return syntax.Assign(operator, left, self._or())
        return left

    def _or(self) -> Node:
        left = self._and()
        while self.accept("name", "or"):
            left = syntax.Logical("or", left, self._and())
        return left

    def _and(self) -> Node:
        left = self._comparison()
        while self.accept("name", "and"):
            left = syntax.Logical("and", left, self._comparison())
        return left

    def _comparison(self) -> Node:
        left = self._sum()
        if self.token.kind == "symbol" and self.token.text in _COMPARISONS:
            return syntax.Operation(self.advance().text, left, self._sum())
        return left

    def _sum(self) -> Node:
        left = self._product()
        while self.token.kind == "symbol" and self.token.text in ("+", "-"):
            left = syntax.Operation(self.advance().text, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._negative()
        while self.token.kind == "symbol" and self.token.text in ("*", "/", "%"):
            left = syntax.Operation(self.advance().text, left, self._negative())
        return left

    def _negative(self) -> Node:
        if self.accept("symbol", "-"):
            return syntax.Negative(self._negative())
        return self._bound()

    def _bound(self) -> Node:
        term = self._postfix()
        if not self.accept("name", "as"):
            return term
        patterns = self._patterns()
        self.expect("symbol", "|")
        return syntax.Bind(term, patterns, self.pipe())

    def _postfix(self) -> Node:
        term = self._term()
        while True:
            if self.token.kind == "field":
                term = syntax.Index(term, syntax.Literal(self.advance().value))
            elif self.accept("symbol", "?"):
                term = syntax.Try(term, None)
            elif self.is_at("symbol", "["):
                term = self._bracket(term)
            elif self.is_at("symbol", ".") and self.following.text in ("[", '"'):
                self.advance()
                term = self._bracket(term) if self.is_at("symbol", "[") else syntax.Index(term, self._text())
            else:
                return term

    def _bracket(self, target: Node) -> Node:
        self.expect("symbol", "[")
        if self.accept("symbol", "]"):
            return syntax.Iterate(target)
        if self.accept("symbol", ":"):
            return self._closed(syntax.Slice(target, None, self.pipe()))
        start = self.pipe()
        if not self.accept("symbol", ":"):
            return self._closed(syntax.Index(target, start))
        end = None if self.is_at("symbol", "]") else self.pipe()
        return self._closed(syntax.Slice(target, start, end))

    def _closed(self, node: Node) -> Node:
        self.expect("symbol", "]")
        return node

    def _term(self) -> Node:
        token = self.token
        if token.kind == "text":
            return self._text()
        self.advance()
        match token.kind, token.text:
            case "number", _:
                return syntax.Literal(token.value)
            case "variable", _:
                return syntax.Variable(token.value)
            case "field", _:
                return syntax.Index(syntax.Identity(), syntax.Literal(token.value))
            case "format", _:
                return self._text(token.value) if self.token.kind == "text" else syntax.Format(token.value)
            case "name", _:
                return self._named(token.text)
            case "symbol", "..":
                return syntax.RecurseAll()
            case "symbol", ".":
                return syntax.Index(syntax.Identity(), self._text()) if self.token.kind == "text" else syntax.Identity()
            case "symbol", "(":
                inner = self.pipe()
                self.expect("symbol", ")")
                return inner
            case "symbol", "[":
                return self._list()
            case "symbol", "{":
                return syntax.MapOf(tuple(self.separated("}", self._entry)))
            case _:
                self._position -= 1
                raise self.unexpected()

    def _named(self, name: str) -> Node:
        match name:
            case "if":
                return self._if()
            case "try":
                body = self._postfix()
                return syntax.Try(body, self._postfix() if self.accept("name", "catch") else None)
            case "reduce":
                return self._reduce()
            case "foreach":
                return self._foreach()
            case "break":
                return syntax.Break(self.expect("variable").value)
            case "def":
                self._position -= 1
                return self.pipe()
            case _ if name in _KEYWORDS:
                self._position -= 1
                raise self.unexpected()
            case _:
                return syntax.Call(name, self._arguments())

    def _arguments(self) -> tuple[Node, ...]:
        if not self.accept("symbol", "("):
            return ()
        arguments = [self.pipe()]
        while self.accept("symbol", ";"):
            arguments.append(self.pipe())
        self.expect("symbol", ")")
        return tuple(arguments)

    def _if(self) -> Node:
        condition = self.pipe()
        self.expect("name", "then")
        then = self.pipe()
        if self.accept("name", "elif"):
            return syntax.If(condition, then, self._if())
        otherwise = self.pipe() if self.accept("name", "else") else syntax.Identity()
        self.expect("name", "end")
        return syntax.If(condition, then, otherwise)

    def _reduce(self) -> Node:
        source, patterns = self._source()
        start, update = self._parts(2, 2)
        return syntax.Reduce(source, patterns, start, update)

    def _foreach(self) -> Node:
        source, patterns = self._source()
        start, update, *extract = self._parts(2, 3)
        return syntax.Foreach(source, patterns, start, update, extract[0] if extract else syntax.Identity())

    def _source(self) -> tuple[Node, tuple[Pattern, ...]]:
        source = self._postfix()
        self.expect("name", "as")
        return source, self._patterns()

    def _parts(self, least: int, most: int) -> tuple[Node, ...]:
        parts = self._arguments()
        if not least <= len(parts) <= most:
            raise self.unexpected()
        return parts

    def _definition(self) -> tuple[str, tuple[str, ...], Node]:
        self.expect("name", "def")
        name = self.expect("name").text
        parameters: list[str] = []
        if self.accept("symbol", "("):
            parameters.append(self._parameter())
            while self.accept("symbol", ";"):
                parameters.append(self._parameter())
            self.expect("symbol", ")")
        self.expect("symbol", ":")
        body = self.pipe()
        self.expect("symbol", ";")
        return name, tuple(parameters), body

    def _parameter(self) -> str:
        token = self.advance()
        if token.kind not in ("name", "variable"):
            self._position -= 1
            raise self.unexpected()
        return token.text

    def _list(self) -> Node:
        if self.accept("symbol", "]"):
            return syntax.ListOf(None)
        return self._closed(syntax.ListOf(self.pipe()))

    def _entry(self) -> tuple[Node, Node]:
        token = self.token
        if token.kind == "variable":
            self.advance()
            return syntax.Literal(token.value), syntax.Variable(token.value)
        key = self._key()
        if self.accept("symbol", ":"):
            return key, self.pipe(with_comma=False)
        return key, syntax.Index(syntax.Identity(), key)

    def _key(self) -> Node:
        token = self.token
        match token.kind:
            case "name":
                return syntax.Literal(self.advance().text)
            case "text":
                return self._text()
            case "format":
                self.advance()
                return self._text(token.value) if self.token.kind == "text" else syntax.Format(token.value)
            case "number":
                raise self.unexpected()
            case _:
                self.expect("symbol", "(")
                key = self.pipe()
                self.expect("symbol", ")")
                return key

    def _text(self, format: str = "text") -> Node:
        parts = self.expect("text").value
        if len(parts) == 1:
            return syntax.Literal(parts[0])
        nodes = [part if isinstance(part, str) else self._inner(part) for part in parts]
        return syntax.Text(tuple(nodes), format)

    def _inner(self, tokens: list[Token]) -> Node:
        parser = _Parser(tokens, self._depth)
        tree = parser.pipe()
        parser.finish()
        return tree

    def _patterns(self) -> tuple[Pattern, ...]:
        patterns = [self._pattern()]
        while self.accept("symbol", "?//"):
            patterns.append(self._pattern())
        return tuple(patterns)

    def _pattern(self) -> Pattern:
        if self.token.kind == "variable":
            return syntax.Variable(self.advance().value)
        if self.accept("symbol", "["):
            return syntax.ListPattern(tuple(self.separated("]", self._pattern)))
        self.expect("symbol", "{")
        return syntax.MapPattern(tuple(self.separated("}", self._pattern_entry)))

    def _pattern_entry(self) -> tuple[Node, str, Pattern | None]:
        bound = self.token.value if self.token.kind == "variable" else ""
        key = syntax.Literal(bound) if bound else self._key()
        if bound:
            self.advance()
        if self.accept("symbol", ":"):
            return key, bound, self._pattern()
        if not bound:
            raise self.unexpected()
        return key, bound, None
