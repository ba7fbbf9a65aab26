"""What the texts beneath the properties of a class say, read from its source: for reference, forms and schemas."""

import ast
import inspect
from itertools import pairwise
from textwrap import dedent


def meanings(plugin: type) -> dict[str, str]:
    """Property → its meaning, for those of the class itself and of the classes it is made from."""
    found: dict[str, str] = {}
    for known in reversed(plugin.__mro__):
        found |= _own_meanings(known)
    return found


def _own_meanings(known: type) -> dict[str, str]:
    try:
        tree = ast.parse(dedent(inspect.getsource(known)))
    except (OSError, TypeError, SyntaxError):
        return {}
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef))
    pairs = pairwise(body)
    return {
        node.target.id: inspect.cleandoc(text.value.value)
        for node, text in pairs
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
