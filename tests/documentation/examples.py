"""The pages of our documentation, the blocks they show, and the examples of types: flows, and what they give.

An example is one flow or several, followed by a block `yaml gives`. The first flow is the one that is started; the
others are there beside it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
GIVES = "yaml gives"
"""The language of a block that says what the flows above it give; how it is read stands in reference/examples.md."""


class Block(NamedTuple):
    language: str
    text: str

    @property
    def is_flow(self) -> bool:
        return self.language.startswith("yaml") and "\ntasks:" in self.text


class Example(NamedTuple):
    """Flows of a page, and what they give."""

    page: Path
    flows: tuple[str, ...]
    gives: dict[str, Any]

    @property
    def started(self) -> dict[str, Any]:
        """The flow that the example is about, as data."""
        return yaml.safe_load(self.flows[0])


def blocks(page: Path) -> list[Block]:
    fenced = re.findall(r"^```([^\n]+)\n(.*?)^```$", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [Block(language, text) for language, text in fenced]


def examples(folder: str) -> list[Any]:
    """Those of a folder of the reference, as parameters of tests that are named by their pages."""
    pages = sorted((CHECKOUT / "docs/reference" / folder).glob("*.md"))
    return [pytest.param(one, id=f"{page.stem}-{n}") for page in pages for n, one in enumerate(_of(page), start=1)]


def _of(page: Path) -> Iterator[Example]:
    flows: list[str] = []
    for block in blocks(page):
        if block.is_flow:
            flows.append(block.text)
        elif block.language == GIVES:
            yield Example(page, tuple(flows), yaml.safe_load(block.text))
            flows = []


def named(found: list[tuple[Path, Any]]) -> list[Any]:
    """Parameters of tests, each named by the page it comes from."""
    return [pytest.param(thing, id=f"{page.relative_to(CHECKOUT)}-{n}") for n, (page, thing) in enumerate(found)]
