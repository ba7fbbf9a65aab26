"""`value.name` and `value[key]`: a key of a map, an index of a list, then the few methods that values have."""

from collections.abc import Sequence

from tiercel.expression.errors import ExpressionError, UndefinedError
from tiercel.expression.methods import FORBIDDEN, find_getter, find_method
from tiercel.expression.values import Value, is_integer, is_list, is_map, is_sequence, name_of_type


def attribute(target: Value, name: str, path: str) -> Value:
    """`target.name`; `path` is how it reads in the template."""
    if is_map(target):
        try:
            return target[name]
        except KeyError:
            raise UndefinedError(path, name, target) from None
    if target is None:
        raise UndefinedError(path, name)
    if is_list(target) and name.isdecimal():
        return _element(target, int(name), path)
    return _getter(target, name, path)


def subscript(target: Value, key: Value, path: str) -> Value:
    """`target[key]`. The key of a map must match by type."""
    if is_map(target):
        return _entry(target, key, path)
    if is_list(target) and is_integer(key):
        return _element(target, key, path)
    if isinstance(key, str):
        return attribute(target, key, path)
    raise UndefinedError(path, key)


def call_method(target: Value, name: str, arguments: Sequence[Value], path: str) -> Value:
    """`target.name(…)`."""
    if name in FORBIDDEN:
        raise _denied(name)
    if target is None:
        raise UndefinedError(path, name)
    method = find_method(target, name)
    if method is None or not method.takes(arguments):
        raise UndefinedError(f"{path}()", name)
    return method.run(target, *arguments)


def _entry(target: Value, key: Value, path: str) -> Value:
    if key is None:
        raise ExpressionError("type", f"null is no key of `{path}`")
    if is_map(key) or is_list(key):
        raise ExpressionError("value", f"{name_of_type(key)} is no key of `{path}`")
    if key in target:
        return target[key]
    if isinstance(key, str):
        raise UndefinedError(f"{path}['{key}']", key, target)
    raise ExpressionError("value", f"{name_of_type(key)} is no key of `{path}`; keys are texts: write ['{key}']")


def _element(target: Value, index: int, path: str) -> Value:
    if is_sequence(target) and 0 <= index < len(target):
        return target[index]
    raise UndefinedError(f"{path}[{index}]", index)


def _getter(target: Value, name: str, path: str) -> Value:
    if name in FORBIDDEN:
        raise _denied(name)
    method = find_getter(target, name)
    if method is None:
        raise UndefinedError(path, name)
    return method.run(target)


def _denied(name: str) -> ExpressionError:
    return ExpressionError("access", f"access to `{name}` is denied for security reasons")
