"""The generators that the nodes of a jq program become. Which node becomes which is left to `compile`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tiercel.expression.costs import SLOW
from tiercel.expression.jq.errors import BreakOut, JqError
from tiercel.expression.jq.kinds import Json, is_array, is_object, shown
from tiercel.expression.jq.scope import Pair, Path, Run, Scope, computed, further, paths, values
from tiercel.expression.jq.values import ARITHMETIC, cut, delete_paths, get_path, index, is_true, set_path


def index_of(target: Run, key: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for wanted in values(key, scope, value):
            for found, place in target(scope, value, path):
                scope.spend()
                yield index(found, wanted), further(found, place, wanted)

    return run


def slice_of(target: Run, start: Run, end: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for last in values(end, scope, value):
            for first in values(start, scope, value):
                for found, place in target(scope, value, path):
                    scope.spend()
                    key = {"start": first, "end": last}
                    yield scope.rendering.weigh(cut(found, first, last)), further(found, place, key)

    return run


def iterate(target: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for found, place in target(scope, value, path):
            for key, item in _items(found):
                scope.spend()
                yield item, further(found, place, key)

    return run


def _items(value: Json) -> list[tuple[Any, Json]]:
    if is_object(value):
        entries: dict[str, Json] = value
        return list(entries.items())
    if is_array(value):
        return list(enumerate(value))
    raise JqError(f"Cannot iterate over {shown(value) if value is not None else 'null'}")


def pipe(left: Run, right: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for result, place in left(scope, value, path):
            yield from right(scope, result, place)

    return run


def comma(left: Run, right: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        yield from left(scope, value, path)
        yield from right(scope, value, path)

    return run


def choose(condition: Run, then: Run, otherwise: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for holds in values(condition, scope, value):
            yield from (then if is_true(holds) else otherwise)(scope, value, path)

    return run


def alternative(left: Run, right: Run) -> Run:
    """All that is true of the left side, its errors passed over; the right side where there is nothing."""

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        is_there = False
        try:
            for result, place in left(scope, value, path):
                if is_true(result):
                    is_there = True
                    yield result, place
        except JqError:
            pass
        if not is_there:
            yield from right(scope, value, path)

    return run


def attempt(body: Run, handler: Run | None) -> Run:
    """Errors of the body alone: those of what follows are not its business."""

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        results = body(scope, value, path)
        while True:
            try:
                result = next(results, None)
            except JqError as error:
                if handler is not None:
                    yield from handler(scope, error.value, computed(path))
                return
            if result is None:
                return
            yield result

    return run


def label(name: str, body: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        label = object()
        try:
            yield from body(scope.bind(f"*{name}", label), value, path)
        except BreakOut as out:
            if out.label is not label:
                raise

    return run


def break_out(name: str) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        raise BreakOut(scope.holder(f"*{name}").value)
        yield

    return run


def each(body: Run, change: Callable[[Json], Json]) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for result in values(body, scope, value):
            scope.rendering.weigh(result, SLOW)
            yield scope.rendering.admit(change(result)), computed(path)

    return run


def operation(operator: str, left: Run, right: Run) -> Run:
    operate = ARITHMETIC[operator]

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for second in values(right, scope, value):
            for first in values(left, scope, value):
                scope.spend()
                yield scope.rendering.admit(operate(first, second)), computed(path)

    return run


def logical(stops_at: bool, left: Run, right: Run) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for first in values(left, scope, value):
            if is_true(first) is stops_at:
                yield stops_at, computed(path)
                continue
            for second in values(right, scope, value):
                yield is_true(second), computed(path)

    return run


def list_of(body: Run | None) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        items: list[Json] = []
        for item in values(body, scope, value) if body else ():
            scope.spend()
            items.append(item)
        yield scope.rendering.admit(items), computed(path)

    return run


def map_of(entries: list[tuple[Run, Run]]) -> Run:
    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for made in _maps(len(entries), scope, value):
            yield made, computed(path)

    def _maps(count: int, scope: Scope, value: Json) -> Iterator[dict[str, Json]]:
        """The maps of the first entries: those before the last one change faster."""
        if count == 0:
            yield {}
            return
        key, item = entries[count - 1]
        for made in _maps(count - 1, scope, value):
            for name in values(key, scope, value):
                if not isinstance(name, str):
                    raise JqError(f"Object keys must be strings: {shown(name)}")
                for result in values(item, scope, value):
                    scope.spend()
                    yield {**made, name: result}

    return run


def text(parts: list[str | Run], convert: Callable[[Json], str]) -> Run:

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for text in _texts(len(parts), scope, value):
            yield text, computed(path)

    def _texts(count: int, scope: Scope, value: Json) -> Iterator[str]:
        if count == 0:
            yield ""
            return
        part = parts[count - 1]
        for end in (part,) if isinstance(part, str) else _converted(part, scope, value):
            for text in _texts(count - 1, scope, value):
                yield scope.rendering.joined([text, end])

    def _converted(part: Run, scope: Scope, value: Json) -> Iterator[str]:
        for result in values(part, scope, value):
            yield convert(scope.rendering.weigh(result, SLOW))

    return run


_CHANGES: Mapping[str, Callable[[Json, Json], Json]] = {
    "=": lambda old, new: new,
    "//=": lambda old, new: old if is_true(old) else new,
}


def assign(operator: str, left: Run, right: Run) -> Run:
    if operator == "|=":
        return update(left, right)
    change = _CHANGES.get(operator) or ARITHMETIC[operator[0]]

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        for new in values(right, scope, value):
            result = value
            for place in paths(left, scope, value):
                scope.spend()
                result = set_path(result, place, change(get_path(result, place), new))
            yield scope.rendering.admit(result), computed(path)

    return run


def update(left: Run, right: Run) -> Run:
    """What the program gives first for each place; a place for which it gives nothing is deleted."""

    def run(scope: Scope, value: Json, path: Path) -> Iterator[Pair]:
        result, deleted = value, list[Any]()
        for place in paths(left, scope, value):
            scope.spend()
            for new in values(right, scope, get_path(result, place)):
                result = set_path(result, place, new)
                break
            else:
                deleted.append(list(place))
        yield delete_paths(result, deleted), computed(path)

    return run
