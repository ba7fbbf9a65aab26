"""Templates that want too much: what each is after, and the template. Whoever finds another one adds it here."""

from collections.abc import Iterator


def doubled(first: str, times: int, name: str = "s") -> str:
    """A statement that makes a text or list twice as long, again and again."""
    operator = "+" if first.startswith("[") else "~"
    return (
        f"{{% set {name} = {first} %}}"
        f"{{% for i in 1..{times} %}}{{% set {name} = {name} {operator} {name} %}}{{% endfor %}}"
    )


def variables(value: str, count: int) -> str:
    return "".join(f"{{% set v{n} = {value} %}}" for n in range(count))


GREEDY = {
    "turns of nested loops": "{% for a in 1..1000 %}{% for b in 1..1000 %}{% for c in 1..9 %}{% endfor %}{% endfor %}{% endfor %}",
    "many things in a loop": "{% for i in 1..1000000 %}" + "{{ i }}" * 50 + "{% endfor %}",
    "calls of a macro": "{% macro m() %}"
    + "{{ 1 }}" * 99
    + "{% endmacro %}{% for i in 1..99999 %}{{ m() }}{% endfor %}",
    "a macro of itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a block of itself": "{% block b %}{{ block('b') }}{% endblock %}",
    "templates in a loop": "{% for i in 1..99999 %}{{ render('{{ ' ~ i ~ ' }}') }}{% endfor %}",
    "a range": "{{ range(0, 2000000000) }}",
    "many ranges": variables("range(1, 1000000)", 30),
    "long texts in variables": doubled("'x'", 23) + variables("s ~ 'y'", 40),
    "long texts in one expression": doubled("'x'", 23)
    + "{{ ["
    + ", ".join(f"s ~ {n}" for n in range(60))
    + "] | length }}",
    "wide characters": doubled("'\U0001f600'", 23) + variables("s ~ 'y'", 20),
    "a text without end": doubled("'ab'", 100),
    "a list without end": doubled("[1]", 100, "l"),
    "a list in itself": "{% set l = [1] %}{% for i in 1..60 %}{% set l = [l, l] %}{% endfor %}{{ l }}",
    "the same list, compared": "{% set l = [1] %}{% for i in 1..60 %}{% set l = [l, l] %}{% endfor %}{{ l == [l[0], l[1]] }}",
    "a list nested deep": "{% set l = [1] %}{% for i in 1..9999 %}{% set l = [l] %}{% endfor %}{{ l }}",
    "one long text many times as JSON": doubled("'x'", 19) + doubled("[s]", 14, "l") + "{{ l | toJson }}",
    "one long text many times, joined": doubled("'x'", 19) + doubled("[s]", 14, "l") + "{{ l | join }}",
    "a long separator": doubled("'x'", 19) + doubled("[1]", 14, "l") + "{{ l | join(s) }}",
    "large numbers as JSON": "{% set n = '1e9999' | number('BIGDECIMAL') %}"
    + doubled("[n, n]", 17, "l")
    + "{{ l | toJson }}",
    "a number without end": "{% set n = '99999999999999999999' | number %}{% for i in 1..60 %}{% set n = n * n %}{% endfor %}",
    "a method that replaces": doubled("'x'", 16) + "{{ s.replace('x', s) }}",
    "a filter that replaces": doubled("'x'", 16) + "{{ s | replace({'x': s}) }}",
    "a regular expression that replaces": doubled("'x'", 16) + "{{ s | regexReplace('x', s) }}",
    "an indent": "{{ 'a' | indent(1000000000) }}",
    "an indent of many lines": doubled("'\n'", 14) + "{{ s | indent(100000) }}",
    "escapes of a URL": doubled("'\U0001f600'", 23) + "{{ s | urlencode }}",
    "words of a title": doubled("'a '", 23) + "{{ s | title }}",
    "pieces of a text": doubled("'a,'", 22) + "{{ s | split(',') | length }}",
    "characters of a text": doubled("'a'", 23) + "{{ s | split('') | length }}",
    "small lists from JSON": doubled("'[],'", 22) + "{{ fromJson('[' ~ s ~ '1]') | length }}",
    "deep lists from JSON": doubled("'['", 16) + "{{ fromJson(s) }}",
    "values from YAML": doubled("'1,'", 21) + "{{ yaml('[' ~ s ~ '1]') | length }}",
    "values from Ion": doubled("'1,'", 21) + "{{ fromIon('[' ~ s ~ '1]') | length }}",
    "deep lists from Ion": doubled("'['", 12) + "{{ fromIon(s) }}",
    "a range of jq": "{{ 1 | jq('[range(100000000)]') }}",
    "steps of jq": "{{ 1 | jq('[while(true; . + 1)]') }}",
    "depth of jq": "{{ 1 | jq('[recurse(. + 1)]') }}",
    "places in jq": "{{ 1 | jq('[range(200000)] | [tostream] | length') }}",
    "lists in jq": "{{ 1 | jq('[range(9000)] | contains([range(9000)])') }}",
    "texts as JSON in jq": doubled("'x'", 19) + "{{ [s] | jq('.[0] as $s | [range(20000) | $s] | tojson') }}",
    "texts as CSV in jq": doubled("'x'", 19) + "{{ [s] | jq('.[0] as $s | [range(20000) | $s] | @csv') }}",
    "texts added in jq": doubled("'x'", 19) + "{{ [s] | jq('.[0] as $s | [range(20000) | $s] | add') }}",
    "what is sorted": doubled("['b', 'a']", 18, "l") + "{{ l | sort | first }}",
    "a pattern that turns back": "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' | regexMatch('^(a|aa)+$') }}",
    "a pattern of counts": "{{ 'a' | regexMatch('(((a{1000}){1000}){1000}){1000}') }}",
    "a long pattern": doubled("'a?'", 16) + "{{ 'a' | regexMatch(s) }}",
    "a long pattern of dates": doubled("'yyyy'", 16) + "{{ '2024-01-01' | date(s) }}",
    "brackets": "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "calls in calls": "{{ " + "max(" * 300 + "1" + ")" * 300 + " }}",
    "texts in texts": '{{ "' + '#{"' * 5000 + " }}",
    "signs": "{{ " + "not " * 5000 + "true }}",
    "operators in a row": "{{ 1" + " + 1" * 5000 + " }}",
    "filters in a row": "{{ 1" + " | string" * 5000 + " }}",
    "names in a row": "{{ max(1)" + ".a" * 5000 + " }}",
    "questions in a row": "{{ " + "false ? 1 : " * 5000 + "2 }}",
    "blocks in blocks": "{% if true %}" * 500,
    "tokens": "{{ 1 }}" * 50_000,
    "texts joined": "{{ 'a'" + " ~ 'a'" * 50_000 + " }}",
    "characters": "{{ x }}" + " " * 2**20,
}
"""All of them end at a limit."""

SLOW = {
    "deep lists from YAML": doubled("'['", 12) + "{{ yaml(s) }}",
    "many patterns that turn back": "{% for i in 1..99 %}{{ ('a' ~ i ~ '"
    + "a" * 28
    + "b') | regexMatch('^a[0-9]*(a|aa)+$') }}{% endfor %}",
    "numbers of a date": "{{ '" + "1" * 60 + "x' | date('iso', existingFormat='" + "dMhHms" * 8 + "') }}",
    "names that are not there": "{% set s = {} %}{{ {'" + "a" * 20_000 + "': 1}['" + "b" * 20_000 + "'] }}",
    "functions that are not there": "".join(f"{{{{ foo{n}() }}}}" for n in range(4000)),
    "a text that does not end": '{{ "' + "\\x" * 400_000,
    "comparisons of lists": "{% set l = range(1, 2000) | chunk(1) %}{{ l | distinct | length }}{{ (l - l) | length }}",
}
"""What they end in differs, but they end soon."""


def templates() -> Iterator[str]:
    yield from GREEDY.values()
    yield from SLOW.values()
