"""Writes the pages of docs/reference that are made from the code: commands, types, states.

`python -m scripts.reference` writes them; tests/test_documentation.py fails where one is out of date.
"""

# ruff: noqa: T201

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from cyclopts import App
from scripts.reference_expressions import expressions
from scripts.reference_flow import flow
from scripts.reference_inputs import inputs
from scripts.reference_limits import limits
from scripts.reference_problems import problems
from scripts.reference_types import Types

from tiercel.cli.main import COMMANDS
from tiercel.model.states import ATTEMPT_MOVES, EXECUTION_MOVES, TASK_RUN_MOVES, TERMINATED, Moves, State

FOLDER = Path(__file__).parents[1] / "docs/reference"
MADE = "<!-- Made by scripts/reference.py: change the code and run `make docs`. -->\n\n"


def main() -> None:
    for name, page in pages().items():
        (FOLDER / name).parent.mkdir(exist_ok=True)
        (FOLDER / name).write_text(page)
        print(f"docs/reference/{name}")


def pages() -> dict[str, str]:
    """Every page that is made, or made in part, by its path."""
    made: dict[str, Callable[[], str]] = {"cli.md": commands, "states.md": states}
    made |= {
        "problems.md": problems,
        "inputs.md": inputs,
        "flow.md": flow,
        "expressions.md": expressions,
        "limits.md": limits,
    }
    types = Types(FOLDER)
    texts = {name: page() for name, page in made.items()} | types.pages()
    return {name: MADE + text for name, text in texts.items()} | types.pages_kept()


# Commands --------------------------------------------------------------------------------------------------------------


def command_line() -> App:
    """The command line with all its commands; nothing is executed by asking it."""
    app = App(name="tiercel", help="Workflows as YAML, run here or on a server.")
    for name, (target, meaning) in COMMANDS.items():
        app.command(target, name=name, help=meaning)
    return app


def commands() -> str:
    text = command_line().generate_docs(recursive=True, max_heading_level=3)
    for pattern, instead in TIDIED:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text.rstrip() + "\n"


TIDIED = (
    (r"^# tiercel$", "# Commands"),
    (r"^## Table of Contents\n(?:(?!\*\*).*\n)*", ""),
    # The usage of a command that is imported late begins with the name of the running program, whichever that is.
    (r"^(#+ )(tiercel[a-z -]*)\n\n```console\n.*?(?= (?:--[a-z]|\[|[A-Z]))", r"\1\2\n\n```text\n\2"),
    (r"^```console$", "```text"),
    (r", --empty-[a-z-]+|, --file(?=`)| \*\[default: (?:\(\)|False)\]\*", ""),
    (r":?[ ]*$", ""),
    (r"\n{3,}", "\n\n"),
)
"""What is written for a page differently than the library does it."""


# States ----------------------------------------------------------------------------------------------------------------


def states() -> str:
    parts = [STATES_HEAD]
    for title, moves in (("Execution", EXECUTION_MOVES), ("Task run", TASK_RUN_MOVES), ("Attempt", ATTEMPT_MOVES)):
        parts.append(f"## {title}\n\n```mermaid\nstateDiagram-v2\n" + "\n".join(diagram(moves)) + "\n```\n")
    return "\n".join(parts)


STATES_HEAD = """# States

Drawn from the tables in [model/states.py](../../src/tiercel/model/states.py), through which every change of a state goes:
a move that is not drawn here cannot happen. An end can be left again where somebody restarts, replays or changes a state
by hand.
"""


def diagram(moves: Moves) -> Iterator[str]:
    """The lines of a state diagram, in the order in which the states are declared."""
    order = list(State)
    known = sorted(moves, key=lambda move: (-1 if move[0] is None else order.index(move[0]), order.index(move[1])))
    yield from (f"    {'[*]' if source is None else source} --> {target}" for source, target in known)
    reached = {target for _, target in moves}
    yield from (f"    {state} --> [*]" for state in order if state in TERMINATED & reached)


if __name__ == "__main__":
    main()
