"""Names, keys, indexes and methods: maps first, then the few methods of values, never anything of Python's."""

from collections.abc import Iterator, Mapping

import pytest
from immutables import Map
from tests.expression.rendered import refused, rendered, surroundings

from tiercel.expression import compile


class LazyContext(Mapping[str, object]):
    """A context as the engine gives it: entries are built when they are named, and only then."""

    def __init__(self) -> None:
        self.built: list[str] = []

    def __getitem__(self, key: str) -> object:
        if key == "missing":
            raise KeyError(key)
        self.built.append(key)
        return {"name": key}

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the context was iterated")

    def __len__(self) -> int:
        raise AssertionError("the context was counted")


def test_a_key_of_a_map_wins_over_a_method() -> None:
    assert rendered("{{ m.values.size }} {{ m.size() }}", m={"values": {"size": "key"}}) == "key 1"


def test_keys_match_by_type() -> None:
    assert rendered("{{ m['1'] }} {{ ({1: 'one'})[1] }}", m={"1": "text"}) == "text one"
    assert refused("{{ m[1] }}", {"m": {"1": "text"}}).kind == "value"
    assert refused("{{ m[null] }}", {"m": {}}).kind == "type"


def test_lists_take_numbers_and_texts_of_digits() -> None:
    assert rendered("{{ l[0] }}{{ l['1'] }}{{ l.size }}", l=["a", "b"]) == "ab2"


def test_persistent_maps_are_maps() -> None:
    context = Map({"outputs": Map({"a": Map({"uri": "x"})})})
    assert compile("{{ outputs.a.uri }}{{ outputs is map }}").render(context, surroundings()) == "xtrue"


def test_only_what_is_named_is_looked_up() -> None:
    context = LazyContext()
    template = compile("{{ inputs.name }}{% for i in 1..2 %}{{ labels.name }}{% endfor %}{{ missing ?? 'd' }}")
    assert template.render(context, surroundings()) == "inputslabelslabelsd"
    assert set(context.built) == {"inputs", "labels"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("s.length()", "3"),
        ("s.toUpperCase()", "ABC"),
        ("s.replace('a', 'z')", "zbc"),
        ("s.empty", "false"),
        ("l.indexOf('b')", "1"),
        ("m.containsKey('a')", "true"),
        ("m.containsKey('zz')", "false"),
        ("m.get('zz') is null", "true"),
        ("i.intValue()", "5"),
    ],
)
def test_values_have_the_methods_flows_use(expression: str, expected: str) -> None:
    assert rendered(f"{{{{ {expression} }}}}", s="abc", l=["a", "b"], m={"a": 1}, i=5) == expected


@pytest.mark.parametrize(
    "expression", ["s.__class__", "l.__len__()", "m.__dict__", "s.format", "l.append(1)", "s.upper()"]
)
def test_attributes_of_python_are_not_there(expression: str) -> None:
    assert refused(f"{{{{ {expression} }}}}", {"s": "abc", "l": [1], "m": {}}).kind == "undefined"


@pytest.mark.parametrize("expression", ["s.class", "s.getClass()", "l.getClass()", "s.wait()", "m.getClass()"])
def test_access_to_classes_is_denied(expression: str) -> None:
    assert refused(f"{{{{ {expression} }}}}", {"s": "abc", "l": [1], "m": {}}).kind == "access"


def test_a_method_with_the_wrong_arguments_is_not_there() -> None:
    assert refused("{{ s.startsWith(1) }}", {"s": "abc"}).kind == "undefined"
    assert refused("{{ s.startsWith() }}", {"s": "abc"}).kind == "undefined"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ n.x }}", "`n.x` is not defined; `n` is null; write `?? 'something'` for a value that may be absent"),
        ("{{ n['x'] }}", "`n['x']` is not defined; `n` is null; write `?? 'something'` for a value that may be absent"),
        ("{{ m.a.b }}", "`m.a.b` is not defined; `m.a` is a number"),
        ("{{ s[0] }}", "`s[0]` is not defined; `s` is a text"),
        ("{{ l[3] }}", "`l[3]` is not defined; the list has 3 elements, counted from 0"),
        ("{{ m.extrct }}", "`m.extrct` is not defined; did you mean `extract`?"),
        ("{{ s.lenght() }}", "`s.lenght()` is not defined; did you mean `length`?"),
        ("{{ s.startsWith(1) }}", "`s.startsWith()` is not defined; `startsWith` takes 1 text"),
    ],
)
def test_what_is_not_there_is_explained(template: str, message: str) -> None:
    context = {"n": None, "m": {"a": 1, "extract": 2}, "s": "abc", "l": [1, 2, 3]}
    assert refused(template, context).message == message


def test_methods_of_newer_versions_are_there() -> None:
    assert rendered("{{ l.getFirst() }}{{ l.getLast() }}{{ l.reversed() }}", l=[1, 2]) == "12[2,1]"
    assert rendered("{{ m.getOrDefault('b', 5) }} {{ 'a'.compareTo('c') }}", m={"a": 1}) == "5 -2"
