"""The typed table of routes: a method that is marked as a route says all that the router and the OpenAPI document need.

Finding a handler costs one dictionary look-up for each part of the path, however many routes there are.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.responses import Response

from tiercel.api.problems import ApiError, not_found

if TYPE_CHECKING:
    from tiercel.api.call import Call

Handler = Callable[["Call"], Awaitable[Response]]
H = TypeVar("H", bound=Callable[..., Awaitable[Response]])

YAML = "application/x-yaml"
JSON = "application/json"
MULTIPART = "multipart/form-data"
TEXT = "text/plain"
STREAM = "text/event-stream"
BYTES = "application/octet-stream"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """What is said once about a route."""

    method: str
    path: str
    """Below `/api/v1/{tenant}`; or from the root, where `tenanted` is false."""
    operation: str
    summary: str
    query: type[Any] | None = None
    """A struct of query parameters."""
    filters: tuple[str, ...] = ()
    """Fields that `filters[…]` may name."""
    accepts: tuple[str, ...] = ()
    """Media types of the body."""
    body: Any = None
    """The body's type, for JSON."""
    answers: Any = None
    """The answer's type; None for no content."""
    gives: str = JSON
    tenanted: bool = True


def route(method: str, path: str, **facts: Any) -> Callable[[H], H]:
    """Mark a method as the handler of a route. Its name becomes the operation, its docstring the summary."""

    def mark(handler: H) -> H:
        facts.setdefault("operation", _camel(handler.__name__))
        summary = (handler.__doc__ or "").strip().partition("\n")[0]
        routes: list[Route] = handler.__dict__.setdefault("routes", [])
        routes.append(Route(method=method, path=path, summary=summary, **facts))
        return handler

    return mark


def routes_of(resource: object) -> Iterator[tuple[Route, Any]]:
    """The routes of a resource (or of its class) with their handlers, in the order in which they are written."""
    names = vars(resource if isinstance(resource, type) else type(resource))
    for name, member in names.items():
        for each in getattr(member, "routes", ()):
            yield each, getattr(resource, name)


class Router:
    """Paths to handlers."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, method: str, path: str, handler: Handler) -> None:
        node, parts = self._root, _parts(path)
        for part in parts:
            node = node.child(part)
        names = tuple(part[1:-1] for part in parts if part.startswith("{"))
        node.handlers[method] = (handler, names)

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """The handler and the path's parameters. Raises ApiError: not found, or method not allowed."""
        wanted = "GET" if method == "HEAD" else method
        methods: set[str] = set()
        for node, values in self._root.walk(_parts(path), ()):
            if wanted in node.handlers:
                handler, names = node.handlers[wanted]
                return handler, dict(zip(names, values, strict=True))
            methods.update(node.handlers)
        if not methods:
            raise not_found(f"there is no route {path}")
        if "GET" in methods:
            methods.add("HEAD")
        allowed = ", ".join(sorted(methods))
        raise ApiError(
            "method-not-allowed",
            f"Method [{method}] not allowed for URI [{path}]. Allowed methods: [{allowed}]",
            headers={"Allow": allowed},
        )


class _Node:
    def __init__(self) -> None:
        self.handlers: dict[str, tuple[Handler, tuple[str, ...]]] = {}
        """By method, with the names that this route gives to the parameters of its path."""
        self._literal: dict[str, _Node] = {}
        self._parameter: _Node | None = None

    def child(self, part: str) -> "_Node":
        if not part.startswith("{"):
            return self._literal.setdefault(part, _Node())
        if self._parameter is None:
            self._parameter = _Node()
        return self._parameter

    def walk(self, parts: list[str], values: tuple[str, ...]) -> "Iterator[tuple[_Node, tuple[str, ...]]]":
        """All that fit, with the values of their parameters: literal parts before parameters."""
        if not parts:
            if self.handlers:
                yield self, values
            return
        if parts[0] in self._literal:
            yield from self._literal[parts[0]].walk(parts[1:], values)
        if self._parameter is not None:
            yield from self._parameter.walk(parts[1:], (*values, parts[0]))


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
