"""Everything that has a name in the language says what it means, and each of its examples is true."""

from collections.abc import Mapping

import pytest
from tests.expression.rendered import surroundings
from tests.expression.stage import CONTEXT, FIXTURES, StageHost

from tiercel.expression import FILTERS, FUNCTIONS, OPERATORS, TAGS, TESTS, About, compile

ABOUTS: Mapping[str, About] = {
    **{f"operator {name}": about for name, about in OPERATORS.items()},
    **{f"tag {name}": about for name, about in TAGS.items()},
    **{f"filter {name}": one.about for name, one in FILTERS.items()},
    **{f"function {name}": one.about for name, one in FUNCTIONS.items()},
    **{f"test {name}": one.about for name, one in TESTS.items()},
}
EXAMPLES = [
    pytest.param(example, id=f"{name} {n}")
    for name, about in ABOUTS.items()
    for n, example in enumerate(about.examples)
]
WITHOUT_EXAMPLE = {"function parent"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_reference_is_true(example: tuple[str, str]) -> None:
    template, result = example
    host = StageHost(FIXTURES)
    # Inputs, where `subflow()` belongs, are rendered before there is a task.
    context = {**CONTEXT, "taskrun": None} if "subflow(" in template else CONTEXT
    assert compile(template).render(context, surroundings(host=host)) == result


@pytest.mark.parametrize("name", ABOUTS)
def test_whatever_has_a_name_says_what_it_means_and_shows_it(name: str) -> None:
    about = ABOUTS[name]
    assert about.meaning.endswith(".")
    assert about.examples or name in WITHOUT_EXAMPLE


@pytest.mark.parametrize("name", [name for name, about in ABOUTS.items() if about.until])
def test_what_was_removed_says_what_to_write_instead(name: str) -> None:
    assert ABOUTS[name].instead
