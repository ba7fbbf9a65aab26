"""Functions of jq that take programs as arguments and run them themselves: loops, limits, paths, orders by a key."""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, product
from typing import Any, TypeAlias

from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, is_array, is_number, is_object, shown
from tiercel.expression.jq.patterns import Found, matches
from tiercel.expression.jq.scope import Pair, Path, Run, Scope, computed, further, paths, values
from tiercel.expression.jq.values import ORDER, get_path, is_true

Program: TypeAlias = Callable[[tuple[Run, ...], Scope, Json, Path], Iterator[Pair]]


def _empty(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    return iter(())


def _error(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    yield from ()
    for message in values(arguments[0], scope, value) if arguments else (value,):
        raise JqError(message)


def _select(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    for holds in values(arguments[0], scope, value):
        scope.spend()
        if is_true(holds):
            yield value, path


def _path(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    for place in paths(arguments[0], scope, value):
        yield list(place), computed(path)


def _get_path(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    for keys in values(arguments[0], scope, value):
        if not is_array(keys):
            raise JqError("Path must be specified as an array")
        steps: list[Json] = keys
        place = path
        for key in steps:
            place = further(value, place, key)
        yield get_path(value, steps), place


_BYTES_OF_A_LEVEL = 700


def _recurse(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    """With a stack of its own: how deep it goes is not limited by that of Python."""
    waiting: list[Iterator[Pair]] = [iter(((value, path),))]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
            continue
        # The deeper, the dearer: what never ends must not fill the memory first.
        scope.spend(1 + len(waiting) // 50)
        scope.rendering.meter.hold(_BYTES_OF_A_LEVEL)
        yield found
        inner, place = found
        waiting.append(arguments[0](scope, inner, place) if arguments else _children(inner, place))


def _children(value: Json, path: Path) -> Iterator[Pair]:
    if is_object(value) or is_array(value):
        for key, item in value.items() if is_object(value) else enumerate(value):
            yield item, further(value, path, key)


def _first(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    for result in arguments[0](scope, value, path):
        yield result
        return


def _last(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    last: list[Pair] = []
    for result in arguments[0](scope, value, path):
        last = [result]
    yield from last


def _limit(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    for most in values(arguments[0], scope, value):
        if _number(most) <= 0:
            continue
        for count, result in enumerate(arguments[1](scope, value, path), start=1):
            yield result
            if count >= most:
                break


def _skip(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    for least in values(arguments[0], scope, value):
        for count, result in enumerate(arguments[1](scope, value, path)):
            if count >= _number(least):
                yield result


def _until(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    """The usual case, in which both programs give one result, is a loop."""
    condition, update = arguments
    holds = next(values(condition, scope, value), None)
    while not is_true(holds):
        scope.spend()
        result = next(update(scope, value, path), None)
        if result is None:
            return
        value, path = result
        holds = next(values(condition, scope, value), None)
    yield value, path


def _while(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    condition, update = arguments
    while is_true(next(values(condition, scope, value), None)):
        scope.spend()
        yield value, path
        result = next(update(scope, value, path), None)
        if result is None:
            return
        value, path = result


def _repeat(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    return _recurse(arguments, scope, value, path)


def _range(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    edges = [list(values(argument, scope, value)) for argument in arguments]
    for chosen in product(*edges):
        start, end, step = (0, chosen[0], 1) if len(chosen) == 1 else (*chosen, 1)[:3]
        if not all(is_number(edge) for edge in (start, end, step)):
            raise JqError("Range bounds must be numeric")
        while (start < end) if step > 0 else (start > end) if step < 0 else start < end:
            scope.spend()
            yield start, computed(path)
            start += step


def _is_empty(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    yield next(arguments[0](scope, value, None), None) is None, computed(path)


def _by_key(arguments: tuple[Run, ...], scope: Scope, value: Json, owner: str) -> list[tuple[list[Json], Json]]:
    """The elements with their keys, sorted by them."""
    if not is_array(value):
        raise JqError(f"{shown(value)} cannot be {owner}, as it is not an array")
    items: list[Json] = value
    keyed = [([*values(arguments[0], scope, item)] if arguments else [item], item) for item in items]
    for _ in keyed:
        scope.spend()
    return sorted(keyed, key=lambda pair: ORDER(pair[0]))


def _sorted(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    yield [item for _, item in _by_key(arguments, scope, value, "sorted")], computed(path)


def _grouped(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    yield _groups(arguments, scope, value), computed(path)


def _unique(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    yield [group[0] for group in _groups(arguments, scope, value)], computed(path)


def _groups(arguments: tuple[Run, ...], scope: Scope, value: Json) -> list[list[Json]]:
    keyed = _by_key(arguments, scope, value, "grouped")
    return [[item for _, item in group] for _, group in groupby(keyed, key=lambda pair: ORDER(pair[0]))]


def _least(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    keyed = _by_key(arguments, scope, value, "compared")
    yield (keyed[0][1] if keyed else None), computed(path)


def _greatest(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    keyed = _by_key(arguments, scope, value, "compared")
    yield (keyed[-1][1] if keyed else None), computed(path)


def _match(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    pattern, flags = arguments
    for given in values(flags, scope, value):
        for expression in values(pattern, scope, value):
            for found in matches(scope.rendering, value, expression, given):
                yield found.described, computed(path)


def _sub(arguments: tuple[Run, ...], scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
    """The replacement sees the captured texts by name."""
    pattern, replacement, flags = arguments
    for given in values(flags, scope, value):
        for expression in values(pattern, scope, value):
            found = matches(scope.rendering, value, expression, given)
            choices = [list(values(replacement, scope, one.names)) for one in found]
            for texts in product(*choices):
                scope.spend()
                yield scope.rendering.admit(_substituted(value, found, texts)), computed(path)


def _substituted(text: str, found: list[Found], texts: tuple[Any, ...]) -> str:
    parts: list[str] = []
    position = 0
    for one, new in zip(found, texts, strict=True):
        if not isinstance(new, str):
            raise JqError(f"{shown(one.names)} cannot be added to a string")
        parts += [text[position : one.start], new]
        position = one.end
    return "".join([*parts, text[position:]])


def _number(value: Json) -> float:
    if not is_number(value):
        raise JqError(f"{shown(value)} is no number")
    return value


PROGRAMS: Mapping[str, Program] = {
    "empty/0": _empty,
    "error/0": _error,
    "error/1": _error,
    "select/1": _select,
    "path/1": _path,
    "getpath/1": _get_path,
    "recurse/0": _recurse,
    "recurse/1": _recurse,
    "first/1": _first,
    "last/1": _last,
    "limit/2": _limit,
    "skip/2": _skip,
    "until/2": _until,
    "while/2": _while,
    "repeat/1": _repeat,
    "range/1": _range,
    "range/2": _range,
    "range/3": _range,
    "isempty/1": _is_empty,
    "sort/0": _sorted,
    "sort_by/1": _sorted,
    "group_by/1": _grouped,
    "unique/0": _unique,
    "unique_by/1": _unique,
    "min/0": _least,
    "min_by/1": _least,
    "max/0": _greatest,
    "max_by/1": _greatest,
    "match/2": _match,
    "sub/3": _sub,
}
