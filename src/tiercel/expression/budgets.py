"""What reading and rendering may use at most. Values that are handed in: nothing here is looked up by anybody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingBudget:
    """What one template may consist of."""

    characters: int = 2**20
    """Characters of a template. A text without any `{` is none, and may be as long as it likes."""
    tokens: int = 20_000
    """Names, numbers, texts, operators and signs between the braces, all together."""
    nesting: int = 80
    """Brackets within brackets, calls within calls."""
    chain: int = 500
    """Operators, filters, `.names` and `? :` in a row; `~` may go on and on."""
    blocks: int = 40
    """`{% if %}`, `{% for %}` and the like within one another."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the renderings of one piece of work (a task's properties, a condition) may use, all of them together."""

    steps: int = 10**6
    """Operations: about a microsecond each. What works on large values counts as many."""
    memory: int = 96 * 2**20
    """Bytes of the large values that are alive at the same time: texts, ranges, data that was read."""
    output: int = 32 * 2**20
    """Characters of any text made."""
    range_elements: int = 10**6
    """Elements of a range."""
    list_elements: int = 10**6
    """Elements of any other list made by an operator or a filter."""
    parts: int = 10**6
    """Values within a value, each as often as it occurs, where all of them are gone through."""
    nesting: int = 200
    """Lists and maps within one another."""
    depth: int = 40
    """Macros and renderings within one another."""
    passes: int = 100
    """How often text that is rendered recursively may change."""
    regex_seconds: float = 0.5
    """How long regular expressions may search: all together where there is a stopwatch, else each of them."""
