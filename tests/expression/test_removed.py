"""What is said of names that do not exist: where they went, what they are called, what is near."""

import pytest
from tests.expression.rendered import refused, rendered

from tiercel.expression import FILTERS, FUNCTIONS, UnknownError, compile, removed


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 'a' | uppper }}", "there is no filter `uppper`; did you mean `upper`?"),
        ("{{ nowe() }}", "there is no function `nowe`; did you mean `now`?"),
        ("{{ 1 is evn }}", "there is no test `evn`; did you mean `even`?"),
        ("{{ 'a' | escape }}", "there is no filter `escape`; nothing is escaped here, so there is nothing to do"),
        ("{{ 1 | numberformat }}", "there is no filter `numberformat`; its name is `numberFormat`"),
        ("{{ upper('a') }}", "there is no function `upper`; it is a filter: write `… | upper`"),
        ("{{ 'a' | fromJson }}", "there is no filter `fromJson`; it is a function: write `fromJson(…)`"),
        ("{{ dump() }}", "there is no function `dump`; its name is `fetchContext`"),
        ("{% elif 1 %}", "there is no tag `elif` here; write `elseif`"),
        ("{% endif %}", "`endif` closes nothing: no `if` is open here"),
        (
            "{% include 'a' %}",
            "there is no tag `include` here; a template stands alone; `render(vars.name)` renders a text kept elsewhere",
        ),
    ],
)
def test_an_unknown_name_says_what_may_be_meant(template: str, message: str) -> None:
    assert refused(template).message == message


def test_no_name_is_both_there_and_gone() -> None:
    assert not FILTERS.keys() & removed.FILTERS.keys()
    assert not FUNCTIONS.keys() & removed.FUNCTIONS.keys()


def test_faults_are_known_before_anything_is_rendered() -> None:
    template = compile(
        "{{ a ? b | uppper : now(1, 2, 3, 4, 5) }}{{ 'x' | chunk }}{{ mine() }}{% macro mine() %}{% endmacro %}"
    )
    assert [(fault.kind, fault.offset) for fault in template.faults] == [
        ("unknown_filter", 11),
        ("argument", 20),
        ("argument", 50),
    ]
    first = template.faults[0]
    assert isinstance(first, UnknownError)
    assert (first.name, first.meant) == ("uppper", "upper")


def test_names_of_older_versions_are_known_with_what_to_write_now() -> None:
    (old,) = compile("{{ json('[1]') }}").old_names
    assert (old.name, old.offset, old.about.until, old.about.instead) == ("json", 3, "1.x", "fromJson")
    assert compile("{{ fromJson('[1]') }}").old_names == ()


def test_a_fault_that_is_never_reached_does_no_harm() -> None:
    assert rendered("{{ true ? 'fine' : 1 | nope }}") == "fine"
