"""Types that are not installed: their properties are checked by what the ecosystem knows."""

from typing import Any

import pytest

from tiercel.services.known_properties import known_problems
from tiercel.services.known_types import Facts, KnownModel, KnownProperty, KnownType, known_types

FACTS = Facts(
    types={"x.Runner": KnownType("taskRunner", (KnownProperty("image", "string", is_required=True),))},
    models={
        "Auth": KnownModel((KnownProperty("user", "string", is_required=True), KnownProperty("level", "integer"))),
        "Open": KnownModel((), is_open=True),
    },
    aliases={},
)


def kinds(kind: str, value: Any, **more: Any) -> list[str]:
    known = KnownType("task", (KnownProperty("it", kind, **more),))
    return [problem.kind for problem in known_problems(FACTS, known, {"it": value})]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", "a"),
        ("string", 3),
        ("string", True),
        ("integer", 3),
        ("integer", "3"),
        ("integer", "{{ inputs.n }}"),
        ("number", 1.5),
        ("boolean", "TRUE"),
        ("duration", "PT1H"),
        ("duration", 30),
        ("datetime", "2026-01-31T09:00:00Z"),
        ("datetime", "2026-01-31T09:00:00+01:00[Europe/Paris]"),
        ("date", "2026-01-31"),
        ("time", "09:00:00"),
        ("enum(A|B)", "B"),
        ("enum(A|B)", "b"),
        ("list<string>", ["a", 1]),
        ("list<string>", '["a"]'),
        ("list<integer>", "{{ inputs.list }}"),
        ("map<integer>", {"a": 1, "b": None}),
        ("object(Auth)", {"user": "x", "level": 1}),
        ("object(Auth)", {}),
        ("object(Auth)", '{"user": "x"}'),
        ("object(Open)", {"type": "nobody.Knows", "anything": 1}),
        ("taskRunner", {"type": "x.Runner", "image": "a"}),
        ("data", [{"a": 1}]),
        ("any", {"a": [1]}),
    ],
)
def test_what_the_original_takes_is_taken(kind: str, value: Any) -> None:
    assert kinds(kind, value) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", ["a"]),
        ("string", {"a": 1}),
        ("integer", "many"),
        ("integer", 1.5),
        ("integer", True),
        ("boolean", "perhaps"),
        ("duration", "soon"),
        ("datetime", "tomorrow"),
        ("date", 3),
        ("enum(A|B)", "C"),
        ("list<string>", "a"),
        ("list<integer>", [1, "x"]),
        ("map<string>", ["a"]),
        ("object(Auth)", "x"),
        ("object(Auth)", {"level": "high"}),
        ("taskRunner", "docker"),
        ("data", 3),
    ],
)
def test_what_the_original_refuses_is_refused(kind: str, value: Any) -> None:
    assert kinds(kind, value) == ["invalid"]


def test_names_are_looked_at_within_objects_and_plugins_too() -> None:
    assert kinds("object(Auth)", {"usr": "x"}) == ["unknown"]
    assert kinds("list<object(Auth)>", [{"user": "x"}, {"levle": 1}]) == ["unknown"]
    assert kinds("taskRunner", {"type": "x.Runner", "imgae": "a"}) == ["unknown"]


def test_limits_and_deprecation_are_told() -> None:
    assert kinds("integer", 1, limits={"minimum": 2}) == ["invalid"]
    assert kinds("string", "abc", limits={"longest": 2}) == ["invalid"]
    assert kinds("string", "a", is_deprecated=True) == ["deprecated"]


def test_of_a_type_whose_properties_nobody_knows_nothing_is_said() -> None:
    assert known_problems(FACTS, KnownType("task"), {"anything": 1}) == []


def test_the_facts_are_found_by_full_short_and_earlier_name() -> None:
    facts = known_types()
    assert len(facts.types) > 1700
    assert facts.current("jdbc.mysql.Query") == "io.kestra.plugin.jdbc.mysql.Query"
    assert facts.current("io.kestra.core.tasks.log.Log") == "io.kestra.plugin.core.log.Log"
    old_runner = "io.kestra.core.models.tasks.runners.types.ProcessTaskRunner"
    assert facts.current(old_runner) == "io.kestra.plugin.core.runner.Process"
    assert facts.current("aws.runner.AwsBatchTaskRunner") == "io.kestra.plugin.ee.aws.runner.Batch"
    assert facts.current("io.acme.Thing") is None
