"""The reference page of problems: every code with its meaning, a flow that has it, and what is told of that flow."""

from collections.abc import Iterator

from tiercel.definition import Problem, check, read
from tiercel.definition.codes import CODES
from tiercel.definition.neighbours import Neighbour
from tiercel.services.catalog import PluginCatalog

HEAD = """# Problems

What `tiercel flow validate`, the editor and the API tell of a flow. Each problem has a code that stays as it is, the path,
line and column of what is wrong, and where it is certain a fix, which `tiercel flow validate --fix` writes.

An **error** forbids saving the flow. With a **warning** it is saved, and will probably not do what was meant. An **info**
names a better way to write something that works.
"""


class Nobody:
    """An installation without any other flow."""

    def find(self, namespace: str, flow_id: str) -> Neighbour:
        return Neighbour("absent")


def problems() -> str:
    catalog = PluginCatalog.installed()
    listed = [line for name in CODES for line in _section(name, told(name, catalog))]
    return "\n".join([HEAD, *listed]).rstrip() + "\n"


def told(name: str, catalog: PluginCatalog) -> list[Problem]:
    """What is said of the example of a code, as far as it has that code."""
    found = check(read(CODES[name].example), catalog, Nobody())
    return [problem for problem in found if problem.code == name]


def _section(name: str, found: list[Problem]) -> Iterator[str]:
    code = CODES[name]
    yield f"## {name}\n"
    yield f"{code.meaning}\n"
    if _can_be_shown(code.example):
        yield f"```text\n{code.example.rstrip()}\n```\n"
    for problem in found[:1]:
        yield f"> **{problem.severity.lower()}**, line {problem.line}: {problem.message}\n"


def _can_be_shown(example: str) -> bool:
    """Some have a character that no page should have, or a line that no reader would read."""
    lines = example.splitlines()
    return all(line.isprintable() and len(line) < 120 for line in lines)
