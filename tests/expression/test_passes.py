"""Text that is rendered again: on request, or by a dialect that always does."""

from tests.expression.rendered import refused, rendered, surroundings

from tiercel.expression import Compiler, Dialect

CONTEXT = {"first": "1", "second": "{{ first }}", "third": "{{ second }}", "grow": "x{{ grow }}"}
RECURSIVE = Compiler(Dialect(is_recursive=True))


def test_one_pass_is_the_rule() -> None:
    assert rendered("{{ third }}", **CONTEXT) == "{{ second }}"


def test_render_goes_on_until_nothing_changes() -> None:
    assert rendered("{{ render(third) }} {{ renderOnce(third) }} {{ render(third, false) }}", **CONTEXT) == (
        "1 {{ first }} {{ first }}"
    )


def test_render_works_within_lists_and_maps_and_leaves_the_rest() -> None:
    assert rendered("{{ render({'a': [third, 5, null]}) }}", **CONTEXT) == '{"a":["1",5,null]}'


def test_rendered_text_sees_variables_of_the_template() -> None:
    assert rendered("{% set local = 'x' %}{{ render('{{ local }}') }}") == "x"


def test_raw_text_survives_every_pass() -> None:
    assert rendered("{{ render(raw) }}", raw="{% raw %}{{ first }}{% endraw %}", **CONTEXT) == "{{ first }}"


def test_text_that_never_settles_is_an_error() -> None:
    assert refused("{{ render(grow) }}", CONTEXT).kind == "limit"
    assert refused("{{ render(self) }}", {"self": "{{ render(self) }}"}).kind == "limit"


def test_an_error_within_rendered_text_names_that_text() -> None:
    assert refused("{{ render(inner) }}", {"inner": "a {{ nope }}"}).template == "a {{ nope }}"


def test_a_recursive_dialect_renders_until_nothing_changes_and_has_no_render() -> None:
    assert RECURSIVE.compile("{{ third }}").render(CONTEXT, surroundings()) == "1"
    assert RECURSIVE.compile("{% raw %}{{ first }}{% endraw %}").render(CONTEXT, surroundings()) == "{{ first }}"
    assert RECURSIVE.compile("{{ 'x' }}{# c #}").render_typed(CONTEXT, surroundings()) == "x"
