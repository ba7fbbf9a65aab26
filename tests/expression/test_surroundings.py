"""The world, the dice and the clock of a rendering: all of them come from outside."""

from typing import Any

import pytest
from tests.expression.rendered import refused, rendered, surroundings

from tiercel.expression import AnsweredHost, ExpressionError, Failed, HostCall, Unanswered, compile

FLOW = {"flow": {"id": "f", "namespace": "company.team"}}


def asked(template: str, answers: dict[str, Any] | None = None) -> HostCall:
    with pytest.raises(Unanswered) as unanswered:
        compile(template).render(FLOW, surroundings(host=AnsweredHost(answers or {})))
    return unanswered.value.call


def answered(template: str, answers: dict[str, Any]) -> str:
    return compile(template).render(FLOW, surroundings(host=AnsweredHost(answers)))


def test_an_expression_without_a_world_says_so() -> None:
    assert refused("{{ kv('k') }}", FLOW).kind == "host"


def test_a_call_without_an_answer_asks_for_it() -> None:
    call = asked("{{ kv('k') ?? 'd' }}")
    assert call.function == "kv"
    assert call.arguments == {"key": "k", "namespace": "company.team", "inherit": True, "errorOnMissing": True}
    assert call.key == 'kv(errorOnMissing=true, inherit=true, key="k", namespace="company.team")'


@pytest.mark.parametrize(
    "template", ["{{ secret('a') | default('d') }}", "{{ read('a') is defined }}", "{{ http('u') ??? 1 }}"]
)
def test_nothing_catches_a_call_without_an_answer(template: str) -> None:
    assert asked(template).function in {"secret", "read", "http"}


def test_a_rendering_goes_on_when_the_answers_are_there() -> None:
    first = asked("{{ read(kv('path')) }}")
    second = asked("{{ read(kv('path')) }}", {first.key: "a.txt"})
    assert second.arguments["path"] == "a.txt"
    assert answered("{{ read(kv('path')) | upper }}", {first.key: "a.txt", second.key: "text"}) == "TEXT"


def test_an_answer_may_be_a_failure_with_its_own_reason() -> None:
    key = asked("{{ http('u') }}").key
    with pytest.raises(ExpressionError, match="status 404") as failed:
        answered("{{ http('u') ?? 'd' }}", {key: Failed("server responded with status 404")})
    assert failed.value.kind == "host"


def test_the_key_of_a_call_does_not_depend_on_the_order_of_arguments() -> None:
    assert HostCall("f", {"a": 1, "b": [None]}).key == HostCall("f", {"b": [None], "a": 1}).key


def test_an_entry_that_is_null_makes_another_question() -> None:
    assert HostCall("http", {"body": {"a": None}}).key != HostCall("http", {"body": {}}).key


def test_part_of_a_secret_is_taken_here() -> None:
    key = asked("{{ secret('s') }}").key
    answers = {key: '{"password":"p","more":{"a":1}}'}
    assert answered("{{ secret('s', subkey='password') }}{{ secret('s', subkey='more') }}", answers) == 'p{"a":1}'
    with pytest.raises(ExpressionError) as missing:
        answered("{{ secret('s', subkey='nope') }}", answers)
    assert missing.value.kind == "missing"


def test_a_secret_is_never_rendered_again() -> None:
    key = asked("{{ secret('s') }}").key
    assert answered("{{ render('{{ secret(\"s\") }}') }}", {key: "a{{ nope }}{#"}) == "a{{ nope }}{#"


def test_two_ports_are_two_questions() -> None:
    first = asked("{{ randomPort() }} {{ randomPort() }}")
    assert asked("{{ randomPort() }} {{ randomPort() }}", {first.key: 5000}).key != first.key


def test_now_is_the_instant_of_the_event() -> None:
    assert (
        rendered("{{ now() }} {{ now(timeZone='Europe/Paris', format='HH:mm') }}")
        == "2025-01-06T10:15:30.123456Z 11:15"
    )


def test_the_same_seed_draws_the_same() -> None:
    template = compile("{{ uuid() }} {{ randomInt(0, 1000000) }} {{ nanoId() }} {{ ksuid() }}")
    assert template.render({}, surroundings()) == template.render({}, surroundings())
    assert template.render({}, surroundings(seed=8)) != template.render({}, surroundings())
    assert template.render({}, surroundings(task_run="other")) != template.render({}, surroundings())


def test_every_call_draws_anew() -> None:
    around = surroundings()
    drawn = [compile("{{ id() }}").render({}, around) for _ in range(50)]
    assert len(set(drawn)) == 50


def test_a_random_integer_lies_between_its_limits() -> None:
    around = surroundings()
    assert {compile("{{ randomInt(3, 6) }}").render({}, around) for _ in range(100)} == {"3", "4", "5"}
