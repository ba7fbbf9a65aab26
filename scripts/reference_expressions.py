"""The page of the expression language, made from what its operators, tags, filters, functions and tests say of themselves.

Each example on it is run by tests/expression/test_examples.py, where the page's surroundings stand too.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tiercel.expression import FILTERS, FUNCTIONS, OPERATORS, TAGS, TESTS, About, Filter, Function
from tiercel.expression.dates.formats import NAMES, write_moment
from tiercel.expression.dates.names import locale_of
from tiercel.expression.dates.patterns import LETTERS

INSTANT = datetime(2025, 1, 6, 14, 15, 30, 123456, tzinfo=ZoneInfo("Europe/Paris"))


def expressions() -> str:
    parts = [
        HEAD,
        section("Operators", ORDER, {name: (_code(name), about) for name, about in OPERATORS.items()}),
        section("Tags", TAGS_HEAD, {name: (_code(f"{{% {name} %}}"), about) for name, about in TAGS.items()}),
        section(
            "Filters", FILTERS_HEAD, {name: (signature(name, one), one.about) for name, one in sorted_by_name(FILTERS)}
        ),
        section("Functions", "", {name: (signature(name, one), one.about) for name, one in sorted_by_name(FUNCTIONS)}),
        section("Tests", TESTS_HEAD, {name: (_code(f"is {name}"), one.about) for name, one in TESTS.items()}),
        dates(),
    ]
    return "\n".join(parts)


def section(title: str, head: str, entries: Mapping[str, tuple[str, About]]) -> str:
    rows = [
        f"| {shown} | {meaning(about)} | {examples(about)} |" for shown, about in entries.values() if not about.until
    ]
    old = [old_row(name, about) for name, (_, about) in entries.items() if about.until]
    table = [f"## {title}", "", *([head, ""] if head else []), "| | meaning | example |", "|---|---|---|", *rows, ""]
    return "\n".join([*table, *([OLD, "|---|---|---|---|", *old, ""] if old else [])])


def dates() -> str:
    names = [f"| `{name}` | {_code(written(name))} |" for name in NAMES]
    letters = [f"| `{letter}` | {told} | {_code(written(pattern_of(letter)))} |" for letter, told in LETTERS.items()]
    return "\n".join([DATES_HEAD, "| name | |", "|---|---|", *names, LETTERS_HEAD, *letters, ""])


def written(format: str) -> str:
    return write_moment(INSTANT, format, locale_of("en_US"))


def pattern_of(letter: str) -> str:
    return {"V": "VV", "S": "SSS", "M": "MMM", "L": "LLL", "E": "EEE", "X": "XXX"}.get(letter, letter)


def sorted_by_name(entries: Mapping[str, Filter] | Mapping[str, Function]) -> Iterator[tuple[str, Filter | Function]]:
    yield from sorted(entries.items(), key=lambda entry: entry[0].lower())


def signature(name: str, callee: Filter | Function) -> str:
    """`name(needed, optional, other = default)`."""
    shown = [
        f"{one.name} = {one.default}" if one.default else one.name if one.is_needed else f"[{one.name}]"
        for one in callee.parameters
    ]
    is_bare = isinstance(callee, Filter) and not shown
    return _code(name if is_bare else f"{name}({', '.join(shown)}{'…' if callee.is_variadic else ''})")


def meaning(about: About) -> str:
    since = f" Since {about.since}." if about.since else ""
    return f"{about.meaning}{since}".replace("|", "\\|")


def examples(about: About) -> str:
    return "<br>".join(
        f"{_code(template)} → {_code(result) if result else 'nothing'}" for template, result in about.examples
    )


def old_row(name: str, about: About) -> str:
    return f"| `{name}` | {about.until} | {_code(about.instead)} | {examples(about)} |"


def _code(text: str) -> str:
    """As code within a table: a bar is escaped, a line break shown as such, and a backtick needs two around it."""
    shown = text.replace("|", "\\|").replace("\n", "⏎")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


HEAD = """# Expressions

What stands between `{{` and `}}` in a flow, and the tags between `{%` and `%}`. The language is that of Kestra 2.0; names
that older flows use are understood, and [what differs](expression-differences.md) is told apart. `{# … #}` is a comment.

The examples play in an execution of the flow `report` in the namespace `company.team`, with an input `name` that is `Ada`,
on the 6th of January 2025 at 10:15:30 UTC. `⏎` is a line break. A name that is not there is an error, except on the left of
`??` and `???`, before `| default(…)` and in `is defined`.
"""
ORDER = """From the tightest to the loosest: `not` and signs; `..`; `~`; `|`; `*` `/` `%`; `+` `-`; comparisons, `??`, `???`
and `isIn`; `is` and `contains`; `and`; `or`; `? :`. Two of a kind go from left to right."""
TAGS_HEAD = "A dash inside a delimiter, `{{-` or `-%}`, takes away the blanks and line breaks on its side."
FILTERS_HEAD = (
    "A filter follows a `|` and may take arguments, by place or by name. What stands in brackets may be left out."
)
TESTS_HEAD = "A test follows `is` or `is not`."
OLD = """Removed, and understood here:

| name | last version | instead | example |"""
DATES_HEAD = """## Formats of dates

What `date`, `dateAdd` and `now` take as `format`, and `existingFormat` as well: a name, or a pattern of letters. Here the
6th of January 2025, 14:15:30.123456 in Paris, in the locale `en_US`; names of months and days follow the locale.
"""
LETTERS_HEAD = """
In a pattern a letter is repeated for more digits or a longer name, text stands between single quotes, and a part between
brackets may be absent where text is read.

| letter | | |
|---|---|---|"""
