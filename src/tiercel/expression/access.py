"""`value.name` and `value[key]`: a key of a map, an index of a list, then the few methods that values have."""

from collections.abc import Callable, Sequence

from tiercel.expression.errors import ExpressionError, UndefinedError
from tiercel.expression.methods import FORBIDDEN, find_getter, find_method, method_names
from tiercel.expression.text import to_string
from tiercel.expression.values import Value, is_integer, is_list, is_map, is_scalar, is_sequence, name_of_type


def attribute(target: Value, name: str, path: str) -> Value:
    """`target.name`; `path` is how it reads in the template."""
    if is_map(target):
        try:
            return target[name]
        except KeyError:
            raise UndefinedError(path, name, target) from None
    if target is None:
        raise UndefinedError(path, name, hint=_what(path, name, target))
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
        return attribute(target, key, f"{path}['{key}']")
    raise UndefinedError(f"{path}[{_shown(key)}]", key, hint=f"`{path}` is {name_of_type(target)}")


def call_method(
    target: Value, name: str, arguments: Sequence[Value], path: str, *, make_room: Callable[[int], None]
) -> Value:
    """`target.name(…)`. `make_room` refuses lengths that are too much, before a text is made."""
    if name in FORBIDDEN:
        raise _denied(name)
    if target is None:
        raise UndefinedError(path, name, hint=_what(path, name, target))
    method = find_method(target, name)
    if method is None:
        raise UndefinedError(f"{path}()", name, dict.fromkeys(method_names(target)))
    if not method.takes(arguments):
        raise UndefinedError(f"{path}()", name, hint=f"`{name}` takes {method.taken}")
    make_room(method.length(target, *arguments))
    return method.run(target, *arguments)


def _entry(target: Value, key: Value, path: str) -> Value:
    if key is None:
        raise ExpressionError("type", f"null is no key of `{path}`")
    if not is_scalar(key):
        raise ExpressionError("value", f"{name_of_type(key)} is no key of `{path}`")
    if key in target:
        return target[key]
    if isinstance(key, str):
        raise UndefinedError(f"{path}['{key}']", key, target)
    raise ExpressionError(
        "value", f"{name_of_type(key)} is no key of `{path}`; keys are texts: write ['{to_string(key)}']"
    )


def _element(target: Value, index: int, path: str) -> Value:
    if is_sequence(target) and 0 <= index < len(target):
        return target[index]
    length = len(target) if is_list(target) else 0
    hint = f"the list has {length} elements, counted from 0" if length else "the list is empty"
    raise UndefinedError(f"{path}[{index}]", index, hint=hint)


def _getter(target: Value, name: str, path: str) -> Value:
    if name in FORBIDDEN:
        raise _denied(name)
    method = find_getter(target, name)
    if method is None:
        raise UndefinedError(path, name, hint=_what(path, name, target))
    return method.run(target)


def _what(path: str, name: str, target: Value) -> str:
    """What it is that has nothing of that name."""
    holder = path.removesuffix(f".{name}").removesuffix(f"['{name}']")
    advice = "; write `?? 'something'` for a value that may be absent" if target is None else ""
    return f"`{holder}` is {name_of_type(target)}{advice}"


def _shown(key: Value) -> str:
    return to_string(key) if is_scalar(key) else name_of_type(key)


def _denied(name: str) -> ExpressionError:
    return ExpressionError("access", f"access to `{name}` is denied for security reasons")
