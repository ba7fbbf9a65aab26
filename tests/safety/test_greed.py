"""However greedy a template is, it ends within a second and 200 MB, and says where it wanted too much."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.expression.rendered import refused, rendered, surroundings
from tests.safety.greedy import GREEDY, templates

from tiercel.expression import Compiler, ExpressionError, ReadingBudget, render


@pytest.mark.slow
@pytest.mark.parametrize("name", GREEDY)
def test_greed_ends_at_a_limit_with_its_place(name: str) -> None:
    template = GREEDY[name]
    error = refused(template)
    assert error.kind == "limit"
    assert error.template
    assert error.offset is not None
    assert 1 <= error.column <= len(error.template) + 1


@pytest.mark.slow
def test_greed_ends_soon_and_takes_little(tmp_path: Path, checkout: Path) -> None:
    files = []
    for number, template in enumerate(templates()):
        files.append(tmp_path / str(number))
        files[-1].write_text(template, encoding="utf-8")
    command = [sys.executable, "-m", "fuzz.judge", "renderer", *map(str, files)]
    judged = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert (judged.stdout, judged.stderr[-2000:]) == ("", "")


@pytest.mark.parametrize(
    ("template", "limits"),
    [
        ("{% for a in 1..50 %}{% for b in 1..50 %}x{% endfor %}{% endfor %}", {"steps": 1000}),
        ("{% for a in 1..50 %}{{ 'abc' }}{% endfor %}", {"output": 100}),
        ("{{ range(1, 11) }}", {"range_elements": 10}),
        ("{{ range(1, 600) | merge(range(1, 600)) | length }}", {"list_elements": 1000}),
        ("{{ range(1, 1000) }}", {"memory": 1000}),
        ("{{ [1, 2, 3] }}", {"parts": 3}),
        ("{{ [[[1]]] }}", {"nesting": 2}),
        ("{% macro m(n) %}{{ n > 0 ? m(n - 1) : '' }}{% endmacro %}{{ m(5) }}", {"depth": 5}),
        ("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' | regexMatch('^(a|aa)+$') }}", {"regex_seconds": 0.05}),
    ],
)
def test_each_budget_is_a_value_that_is_given(template: str, limits: dict[str, float]) -> None:
    assert refused(template, **limits).kind == "limit"
    rendered_with_room = rendered if "regexMatch" not in template else str
    assert rendered_with_room(template) is not None


@pytest.mark.parametrize(
    ("template", "budget"),
    [
        ("{{ a }}      ", ReadingBudget(characters=10)),
        ("{{ a }}{{ b }}", ReadingBudget(tokens=3)),
        ("{{ ((a)) }}", ReadingBudget(nesting=2)),
        ("{{ a + b + c }}", ReadingBudget(chain=1)),
        ("{% if a %}{% if b %}{% endif %}{% endif %}", ReadingBudget(blocks=1)),
    ],
)
def test_what_a_template_may_consist_of_is_given_too(template: str, budget: ReadingBudget) -> None:
    with pytest.raises(ExpressionError) as raised:
        Compiler(budget=budget).compile(template)
    assert raised.value.kind == "limit"
    assert Compiler().compile(template)


def test_renderings_of_one_piece_of_work_share_a_budget() -> None:
    texts = ["{% for i in 1..100 %}x{% endfor %}"] * 10
    render(texts, {}, surroundings(steps=2500))
    with pytest.raises(ExpressionError, match="steps"):
        render(texts * 2, {}, surroundings(steps=2500))


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a'" + " ~ 'a'" * 5000 + " }}",
        "{{ false" + " or false" * 400 + " }}",
        "{{ " + "false ? 1 : " * 400 + "2 }}",
        "{{ 1" + " | string" * 400 + " }}",
        "{{ (nobody" + ".a" * 400 + ") ?? 1 }}",
        "{{ " + "(" * 60 + "1" + ")" * 60 + " }}",
        "{{ " + "[" * 60 + "]" * 60 + " }}",
        "{{ " + "max(" * 60 + "1" + ")" * 60 + " }}",
        "{% if true %}" * 30 + "x" + "{% endif %}" * 30,
        "{% for i in [1] %}" * 30 + "x" + "{% endfor %}" * 30,
        "{% macro m(n) %}{{ n > 0 ? m(n - 1) : 'end' }}{% endmacro %}{{ m(30) }}",
        "{% set s = '' %}{% for i in 1..10000 %}{% set s = s ~ 'a row of text;' %}{% endfor %}{{ s }}",
        "{% for i in 1..100000 %}{{ i }},{% endfor %}",
        "{{ range(1, 60000) | sort | length }}",
        "{{ range(1, 1000000) | length }}",
    ],
)
def test_what_somebody_may_need_is_not_too_much(template: str) -> None:
    assert rendered(template)


def test_a_large_value_of_the_context_passes_through() -> None:
    context = {"text": "X" * 10**7, "items": [0] * 10**6, "rows": [{"id": n, "name": "x" * 20} for n in range(100_000)]}
    assert rendered("{{ (text | upper) == text }}{{ items | length }}", **context) == "true1000000"
    assert len(rendered("{{ rows }}", **context)) > 3_000_000
