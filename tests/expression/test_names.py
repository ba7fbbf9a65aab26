"""What a template reads and calls is known without rendering it."""

import pytest

from tiercel.expression import compile


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{ outputs.extract.uri }}", {("outputs", "extract", "uri")}),
        ("{{ outputs['extract'].uri[0].x }}", {("outputs", "extract", "uri")}),
        ("{{ inputs[labels.key] }}", {("inputs",), ("labels", "key")}),
        ("{{ inputs.a.size() }}", {("inputs", "a")}),
        ("{{ (a ?? b.c) | default(d) }}", {("a",), ("b", "c"), ("d",)}),
        ("{{ f(x).y }}{{ 'a #{z.w}' }}{{ \"a #{z.w}\" }}", {("x",), ("z", "w")}),
        (
            "{% if a.b %}{% elseif c %}{% endif %}{% for x in l.m %}{{ x.k }}{% endfor %}",
            {("a", "b"), ("c",), ("l", "m"), ("x", "k")},
        ),
        ("{% set v = q.r %}{% filter replace({p: o}) %}{% endfilter %}", {("q", "r"), ("p",), ("o",)}),
        ("{{ env('x') }}{{ kv('k') }}{{ tasksWithState('FAILED') }}", {("envs",), ("flow", "namespace"), ("tasks",)}),
        ("plain", set()),
    ],
)
def test_paths_are_named_as_far_as_they_are_written_out(template: str, names: set[tuple[str, ...]]) -> None:
    assert compile(template).names == names


@pytest.mark.parametrize(
    "template", ["{{ render(vars.x) }}", "{{ fetchContext() }}", "{{ _context.a }}", "{{ renderOnce(x) }}"]
)
def test_a_template_that_may_read_anything_says_so(template: str) -> None:
    assert () in compile(template).names


def test_calls_are_functions_and_not_macros() -> None:
    template = compile("{% macro m() %}{{ now() }}{% endmacro %}{{ m() }}{{ 'x' | upper }}{{ secret('k') ~ nofunc() }}")
    assert template.calls == {"now", "secret", "nofunc"}


def test_text_without_a_brace_is_literal() -> None:
    assert compile("plain").is_literal
    assert not compile("{{ 1 }}").is_literal


def test_the_same_text_is_compiled_once() -> None:
    assert compile("{{ once }}") is compile("{{ once }}")


def test_names_that_a_template_makes_for_itself_are_known() -> None:
    template = compile("{% for x in l %}{% set y = x %}{% endfor %}{% macro m(a, b=c) %}{{ a }}{% endmacro %}{{ z }}")
    assert template.bound == {"x", "loop", "y", "a", "b"}
