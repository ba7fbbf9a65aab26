"""What the texts beneath the properties of a class say, read from its source: for reference, forms and schemas."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise


def meanings(plugin: type) -> dict[str, str]:
    """Property → its meaning, for those of the class itself and of the classes it is made from."""
    found: dict[str, str] = {}
    for known in reversed(plugin.__mro__):
        found |= _of_module(known.__module__).get(known.__qualname__, {})
    return found


@cache
def _of_module(name: str) -> dict[str, dict[str, str]]:
    """The meanings of each class of a module, by its qualified name; the source is read once."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[name]))
    except (KeyError, OSError, TypeError, SyntaxError):
        return {}
    return {qualified: _of_body(known.body) for qualified, known in _classes(tree.body, "")}


def _classes(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, node
            yield from _classes(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            yield from _classes(node.body, f"{prefix}{node.name}.<locals>.")


def _of_body(body: list[ast.stmt]) -> dict[str, str]:
    return {
        node.target.id: inspect.cleandoc(text.value.value)
        for node, text in pairwise(body)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
