"""Names that flows never had or lost for good, and others that people write: what is said where one is written.

Removed names that still work are among the filters and functions; their `About` says until when they were there.
"""

from collections.abc import Mapping

FILTERS: Mapping[str, str] = {
    "dateFormat": "its name is `date`",
    "escape": "nothing is escaped here, so there is nothing to do",
    "numberformat": "its name is `numberFormat`",
    "raw": "nothing is escaped here; what must not be rendered stands between {% raw %} and {% endraw %}",
}
FUNCTIONS: Mapping[str, str] = {
    "datafaker": "it was in a preview only; make such data in a task",
    "dump": "its name is `fetchContext`",
    "i18n": "there are no bundles of translations",
}
TAGS: Mapping[str, str] = {
    "elif": "write `elseif`",
    "else": "it belongs into an `if` or a `for`",
    "elseif": "it belongs into an `if`",
    "autoescape": "nothing is escaped here",
    "cache": "it was taken out of the language",
    "embed": "a template stands alone",
    "extends": "a template stands alone",
    "flush": "it was taken out of the language",
    "from": "a template stands alone; define the macro where it is used",
    "import": "a template stands alone; define the macro where it is used",
    "include": "a template stands alone; `render(vars.name)` renders a text kept elsewhere",
    "parallel": "it was taken out of the language",
}
