"""The pages of the types of tasks and triggers, and the index of them.

A type that holds or starts others, and a trigger, has a page of its own: its example, its properties and its outputs are
made from the code, what else is to say stands between these parts and is kept. Other tasks share a page with their family.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import groupby
from pathlib import Path

from scripts.reference_inputs import table
from scripts.reference_properties import outputs, properties

from tiercel.definition.schema import base_schemas
from tiercel.services.catalog import PREFIX, PluginCatalog
from tiercel.services.schemas import PluginSchemas

FLOW = "core.flow"
MADE, BY_HAND = "<!-- Made from the code by `make docs`. -->", "<!-- Written by hand. -->"
_MADE_PART = re.compile(f"{re.escape(MADE)}.*?{re.escape(BY_HAND)}", flags=re.DOTALL)


class Types:
    """Makes the pages. `folder` is where they are: what was written by hand is read there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schemas = PluginSchemas(PluginCatalog.installed())

    def pages(self) -> dict[str, str]:
        """Pages that are made as a whole, by their paths."""
        families = {f"tasks/{family}.md": self._family(family, names) for family, names in self._families.items()}
        return {
            "types.md": self._index(),
            "tasks/README.md": self._base("Task", TASK_HEAD, TASK_TAIL),
            "triggers/README.md": self._base("Trigger", TRIGGER_HEAD, TRIGGER_TAIL),
            **families,
        }

    def pages_kept(self) -> dict[str, str]:
        """Pages of which a part is written by hand, by their paths."""
        return {self._path(name): self._page(name) for name in (*self._flowables, *self._triggers)}

    # Which types there are ---------------------------------------------------------------------------------------------

    @cached_property
    def _flowables(self) -> list[str]:
        return [name for name in self._schemas.names("task") if _family_of(name) == FLOW and "$" not in name]

    @cached_property
    def _triggers(self) -> list[str]:
        return list(self._schemas.names("trigger"))

    @cached_property
    def _families(self) -> Mapping[str, list[str]]:
        """The other tasks, by their family."""
        others = sorted((name for name in self._schemas.names("task") if _family_of(name) != FLOW), key=_family_of)
        return {_short(family): list(names) for family, names in groupby(others, _family_of)}

    def _path(self, name: str) -> str:
        folder = "triggers" if name in self._triggers else "tasks"
        if name in self._flowables or name in self._triggers:
            return f"{folder}/{_in_words(_title(name))}.md"
        return f"{folder}/{_short(_family_of(name))}.md#{name.rpartition('.')[2].lower()}"

    # The index ---------------------------------------------------------------------------------------------------------

    def _index(self) -> str:
        families = (f"### {family}\n\n{self._listed(names)}" for family, names in self._families.items())
        parts = (INDEX_FLOW, self._listed(self._flowables), INDEX_TRIGGERS, self._listed(self._triggers), INDEX_OTHERS)
        return "\n".join((INDEX_HEAD, *parts, *families))

    def _listed(self, names: list[str]) -> str:
        rows = (
            (f"[{name.removeprefix(PREFIX)}]({self._path(name)})", self._schemas.meaning(name).partition("\n\n")[0])
            for name in names
        )
        return table(("type", "what it is for"), rows)

    # One type ----------------------------------------------------------------------------------------------------------

    def _page(self, name: str) -> str:
        """The page of one type. It has two places for what is written by hand: below the example, and at the end."""
        path = self._folder / self._path(name)
        below, end = _MADE_PART.split(path.read_text())[1:] if path.exists() else ("\n\n", "\n")
        first = [f"# {_title(name)}", *self._introduction(name), "## Example", *self._example(name)]
        second = self._tables(name, "task" if name in self._flowables else "trigger")
        return f"{_made(first)}{below}{_made(second)}{end}"

    def _introduction(self, name: str) -> Iterator[str]:
        yield self._schemas.meaning(name)
        others = list(dict.fromkeys(other for other in self._schemas.spellings(name) if other != name))
        also = f" Earlier names, understood too: {', '.join(f'`{other}`' for other in others)}." if others else ""
        yield f"Type `{name}`, or shorter `{name.removeprefix(PREFIX)}`.{also}"

    def _example(self, name: str) -> Iterator[str]:
        if example := self._schemas.example(name):
            yield f"```yaml\n{example}\n```"

    def _tables(self, name: str, kind: str) -> Iterator[str]:
        own, given = self._schemas.schema(name), self._schemas.outputs(name)
        yield "## Properties"
        yield f"And those that [every {kind}](README.md) has."
        yield properties(own) or "It has none of its own."
        if given.get("properties"):
            yield "## Outputs" if kind == "task" else "## What the flow sees"
            yield outputs(given, prefix="outputs.<id>." if kind == "task" else "trigger.")

    # A family ----------------------------------------------------------------------------------------------------------

    def _family(self, family: str, names: list[str]) -> str:
        return _joined([f"# {family}", FAMILY_HEAD, *(part for name in names for part in self._section(name))])

    def _section(self, name: str) -> Iterator[str]:
        own, given = self._schemas.schema(name), self._schemas.outputs(name)
        yield f"## {name.rpartition('.')[2]}"
        yield from self._introduction(name)
        yield from self._example(name)
        yield properties(own) or "It has no properties of its own."
        if given.get("properties"):
            yield "It gives:"
            yield outputs(given, prefix="outputs.<id>.")

    # What all have -----------------------------------------------------------------------------------------------------

    def _base(self, kind: str, head: str, tail: str) -> str:
        schemas = base_schemas(self._schemas.meanings)
        return _joined([head, properties({**schemas[kind], "$defs": schemas}), tail])


def _made(parts: Iterator[str] | list[str]) -> str:
    return f"{MADE}\n\n{_joined(parts)}\n{BY_HAND}"


def _joined(parts: Iterator[str] | list[str]) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _family_of(name: str) -> str:
    return name.removeprefix(PREFIX).rpartition(".")[0]


def _short(family: str) -> str:
    return family.removeprefix("core.")


def _title(name: str) -> str:
    """`ForEachItem`, `http.Trigger`."""
    return _short(name.removeprefix(PREFIX)).removeprefix("flow.").removeprefix("trigger.")


def _in_words(title: str) -> str:
    """`for-each-item`, `http-trigger`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", title).replace(".", "-").lower()


INDEX_HEAD = f"""# Types of tasks and triggers

What the distributions of this tree bring. `{PREFIX}` stands before each name, and may be left out in a flow.
The names that older flows use are understood too. What a type takes is told by its page, by its JSON schema, and by
`tiercel flow validate`, which names what is wrong.
"""
INDEX_FLOW = """## Tasks that decide what runs

They hold other tasks, start other flows, or wait. The executor does that itself: no worker is held.
"""
INDEX_TRIGGERS = """## Triggers

What starts executions by itself; [what all of them have](triggers/README.md).
"""
INDEX_OTHERS = """## Tasks that do the work

They run on workers, but for those that need neither input nor output; [what all of them have](tasks/README.md).
"""
TASK_HEAD = """# What every task has

Besides its own properties, which the page of its [type](../types.md) tells.
"""
TASK_TAIL = """A `retry` is written as in [a flow](../flow.md#retry). Tasks that hold tasks, or wait, are tried again as a whole, where they are
tried at all: their pages say so.
"""
TRIGGER_HEAD = """# What every trigger has

Besides its own properties, which the page of its [type](../types.md) tells.
"""
TRIGGER_TAIL = """Inputs and labels may name what the trigger knows, as `trigger.…`; the page of its type says what that is. An execution
that a trigger started has the label `system.from: trigger`.
"""
FAMILY_HEAD = """A text may hold expressions, and where something else is wanted an expression may stand for it. Each task also has the
properties that [every task](README.md) has.
"""
