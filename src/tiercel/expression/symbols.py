"""What operators and tags mean, for those who read: the reference page, hover texts, completion.

How operators work is told in `operators` and `closures`, how tightly they bind in `parser`, what tags do in `body`.
"""

from collections.abc import Mapping

from tiercel.expression.callables import About

OPERATORS: Mapping[str, About] = {
    ".": About(
        "An entry of a map by its name, or what a value knows about itself.",
        "{{ inputs.name }} → Ada",
        "{{ 'abc'.length() }} → 3",
    ),
    "[]": About(
        "An entry of a map by any key, an element of a list by its index from 0.",
        "{{ inputs['name'] }} → Ada",
        "{{ ([4, 5])[1] }} → 5",
    ),
    "..": About("The numbers, or characters, from one to another.", "{{ 1..3 }} → [1,2,3]"),
    "~": About("Both sides as one text; null is nothing.", "{{ 'a' ~ 1 ~ null }} → a1"),
    "|": About("The left side through a filter.", "{{ 'a' ~ 'b' | upper }} → AB"),
    "*": About("The product.", "{{ 6 * 7 }} → 42"),
    "/": About("The quotient; of two integers without its fraction.", "{{ 7 / 2 }} → 3", "{{ 7 / 2.0 }} → 3.5"),
    "%": About("The remainder, with the sign of the left side.", "{{ -7 % 3 }} → -1"),
    "+": About(
        "The sum; with a text on either side both as one text; with a list on the left the list with more elements.",
        "{{ 1 + 2 }} → 3",
        "{{ 'n = ' + 2 }} → n = 2",
        "{{ [1] + [2] }} → [1,2]",
    ),
    "-": About(
        "The difference; with a list on the left the list without some elements; alone before a number its negative.",
        "{{ 5 - 7 }} → -2",
        "{{ [1, 2, 3] - 2 }} → [1,3]",
    ),
    "==": About(
        "The same value: numbers whatever their type, lists and maps by what is in them, never a text and a number.",
        "{{ 1 == 1.0 }} → true",
        "{{ '1' == 1 }} → false",
    ),
    "equals": About("The same as `==`.", "{{ 'a' equals 'a' }} → true"),
    "!=": About("Not the same value.", "{{ 1 != 2 }} → true"),
    "<": About("Less: two numbers, or two texts. Beside null false.", "{{ 1 < 2.5 }} → true", "{{ 'a' < 'b' }} → true"),
    "<=": About("Less or the same.", "{{ 2 <= 2 }} → true"),
    ">": About("More.", "{{ 3 > 2 }} → true"),
    ">=": About("More or the same.", "{{ 'b' >= 'c' }} → false"),
    "??": About(
        "The left side, or the right one where it is undefined or null.",
        "{{ nobody ?? 'friend' }} → friend",
        "{{ '' ?? 'friend' }} → ",
    ),
    "???": About(
        "The left side, or the right one where it is undefined; null stays.", "{{ nobody ??? 'friend' }} → friend"
    ),
    "isIn": About(
        "Whether the left side's text is among the elements of a list, or the keys and values of a map.",
        "{{ 2 isIn ['1', '2'] }} → true",
    ),
    "is": About("Whether a test holds.", "{{ 4 is even }} → true"),
    "is not": About("Whether a test does not hold.", "{{ nobody is not defined }} → true"),
    "contains": About(
        "Whether a list has an element or all elements of another list, a map a key, or a text another text.",
        "{{ 'abc' contains 'b' }} → true",
        "{{ [1, 2, 3] contains [1, 3] }} → true",
    ),
    "not": About(
        "Whether something does not hold; it binds before everything else.", "{{ not false and true }} → true"
    ),
    "and": About("Whether both sides hold.", "{{ 1 and '' }} → false"),
    "or": About("Whether one side holds.", "{{ false or 'x' }} → true"),
    "? :": About("One of two values; null does not hold.", "{{ inputs.name == 'Ada' ? 'yes' : 'no' }} → yes"),
    "#{ }": About("A value within a text of double quotes.", '{{ "Hello #{inputs.name}!" }} → Hello Ada!'),
}

TAGS: Mapping[str, About] = {
    "if": About(
        "What is printed when a condition holds, and else; a list, a map and null are no conditions.",
        "{% if inputs.name == 'Ada' %}A{% elseif inputs.name == 'Bob' %}B{% else %}C{% endif %} → A",
    ),
    "for": About(
        "What is printed for each element of a list or entry (`key`, `value`) of a map, or once where there is none."
        " `loop` has `index` from 0, `revindex`, `length`, `first`, `last`.",
        "{% for n in 1..3 %}{{ n }}{{ loop.last ? '' : ', ' }}{% else %}none{% endfor %} → 1, 2, 3",
    ),
    "set": About(
        "A name for a value; one that an outer block has set is changed there.",
        "{% set sum = 0 %}{% for n in 1..3 %}{% set sum = sum + n %}{% endfor %}{{ sum }} → 6",
    ),
    "macro": About(
        "A function of this template, made of text; it sees its arguments and nothing else.",
        "{% macro greet(name, word='Hello') %}{{ word }} {{ name }}{% endmacro %}{{ greet('Ada') }} → Hello Ada",
    ),
    "block": About(
        "A part that is printed where it stands, and again by `block('name')`.",
        "{% block line %}-{% endblock %}{{ block('line') }} → --",
    ),
    "filter": About("The text of its body through filters.", "{% filter upper | trim %} abc {% endfilter %} → ABC"),
    "raw": About(
        "Its body as it stands, even where text is rendered again.",
        "{% raw %}{{ not rendered }}{% endraw %} → {{ not rendered }}",
    ),
    "verbatim": About(
        "Its body as it stands, without the blanks it begins with.",
        "{% verbatim %} {{ x }}{% endverbatim %} → {{ x }}",
    ),
}
