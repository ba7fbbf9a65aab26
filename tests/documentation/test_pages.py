"""What our pages show is true: flows are checked and run, settings read, commands parsed, made pages up to date."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from scripts.reference import command_line, pages
from tests.documentation.examples import CHECKOUT, PAGES, Block, blocks, named

from tiercel import definition
from tiercel.definition.check import check
from tiercel.services.catalog import PluginCatalog
from tiercel.settings import KNOWN_PATHS, Settings, postgres_dsn

RUN = "yaml run"
"""The language of a block whose flow is executed too: it needs neither input nor world."""

TEST = "yaml test"
"""The language of a block of unit tests, for the flows of the page."""


def commands(page: Path) -> list[str]:
    """Lines to be typed: those indented by four, outside of fenced blocks."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^ {4,6}((?:\S+=\S+ )*(?:\.venv/bin/)?tiercel .*)$", text, flags=re.MULTILINE)


MADE = pages()
SHOWN = [(page, block) for page in PAGES for block in blocks(page)]
TYPED = [(page, line) for page in PAGES for line in commands(page)]


@pytest.mark.parametrize("block", named([(page, block) for page, block in SHOWN if block.is_flow]))
def test_a_flow_shown_in_a_page_has_no_problem(block: Block) -> None:
    assert check(definition.read(block.text), PluginCatalog.installed()) == ()


@pytest.mark.parametrize("page", [page for page in PAGES if any(each.language == TEST for each in blocks(page))])
def test_unit_tests_shown_in_a_page_succeed_on_the_flows_that_it_shows(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(each for each in blocks(page) if each.is_flow or each.language == TEST):
        (tmp_path / f"{number}.yaml").write_text(block.text)
    assert re.search(r"^\d+ success$", tiercel("test", tmp_path, "--coverage"), flags=re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("block", named([(page, block) for page, block in SHOWN if block.language == RUN]))
def test_a_flow_that_a_reader_can_run_succeeds(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text(block.text)
    assert "ended SUCCESS" in tiercel("run", path)


def test_the_first_example_greets_whom_it_is_told_to(checkout: Path) -> None:
    said = tiercel("run", checkout / "examples/hello.yaml", "--input", "name=Ada")
    assert "greeting: Hello, Ada!" in said
    assert "ended SUCCESS" in said


def test_the_first_page_shows_the_example_as_it_is(checkout: Path) -> None:
    flows = [block.text for block in blocks(checkout / "README.md") if block.is_flow]
    assert flows == [(checkout / "examples/etl_pipeline.yaml").read_text().rstrip("\n") + "\n"]


@pytest.mark.parametrize("line", named(TYPED))
def test_a_command_shown_in_a_page_can_be_given(line: str) -> None:
    words = shlex.split(line, comments=True)
    arguments = words[1 + next(place for place, word in enumerate(words) if word.endswith("tiercel")) :]
    command, *_ = command_line().parse_args(arguments, exit_on_error=False, print_error=False)
    assert command.__name__ in line.replace("list", "list_")


def test_every_target_that_a_page_names_exists(checkout: Path) -> None:
    targets = set(re.findall(r"^\.PHONY: (\S+)$", (checkout / "Makefile").read_text(), flags=re.MULTILINE))
    named = {
        target for page in PAGES for target in re.findall(r"(?:`|^ {4})make ([a-z-]+)", page.read_text(), flags=re.M)
    }
    assert "run" in named
    assert named - targets == set()


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_page_made_from_the_code_is_up_to_date(checkout: Path, name: str) -> None:
    assert (checkout / "docs/reference" / name).read_text() == MADE[name], "write it again: make docs"


@pytest.mark.parametrize("name", sorted(name for name in MADE if name.startswith(("tasks/", "triggers/"))))
def test_each_property_of_a_type_says_what_it_means(name: str) -> None:
    rows = [line for line in MADE[name].splitlines() if line.startswith("| `")]
    assert [row for row in rows if not row.split("|")[-2].strip()] == []


def test_every_heading_that_a_page_links_to_is_there() -> None:
    links = [
        (page, path, heading)
        for page in PAGES
        for path, heading in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", page.read_text())
    ]
    assert links != []
    targets = [(page, page if not path else page.parent / path, heading) for page, path, heading in links]
    assert [f"{page}: {path}#{heading}" for page, path, heading in targets if heading not in headings(path)] == []


def headings(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_each_page_of_the_reference_stands_in_its_index(checkout: Path) -> None:
    folder = checkout / "docs/reference"
    listed = {
        path for page in ("README.md", "types.md") for path in re.findall(r"\]\(([^)#]+)", (folder / page).read_text())
    }
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")} - listed == {"README.md"}


def test_no_page_is_left_of_a_type_that_is_gone(checkout: Path) -> None:
    folders = ("tasks", "triggers")
    there = {
        f"{path.parent.name}/{path.name}" for one in folders for path in checkout.glob(f"docs/reference/{one}/*.md")
    }
    assert there == {name for name in MADE if name.startswith(folders)}


# Settings --------------------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """A row of the tables of settings."""

    key: str
    variable: str
    default: str


SETTINGS = (CHECKOUT / "docs/reference/settings.md").read_text()
ROWS = [
    Row(*(cell.strip(" `") for cell in line.split("|")[1:4]))
    for line in SETTINGS.splitlines()
    if re.match(r"\| `[a-z]+\.", line)
]
IDLE = re.findall(r"`([a-z][\w.-]+)`", SETTINGS.partition("## Read, and without effect yet")[2])
SAMPLES: tuple[Any, ...] = (
    *("7", "7|7", 7, 1.0, False, True, "7s", ["7"], {"a": 7}, [{"type": "x"}], [{"a": 7}]),
    {"a": {"limit": 7}},
)
ONLY_POSTGRES = {"kestra.repository.type", "kestra.queue.type"}
NOTHING = Settings.read([], {})


@pytest.mark.parametrize("key", [*(row.key for row in ROWS), *IDLE])
def test_a_setting_of_the_page_is_read(key: str) -> None:
    assert len(changed(key)) == 1


@pytest.mark.parametrize("row", [row for row in ROWS if row.default], ids=lambda row: row.key)
def test_a_default_of_the_page_is_right(row: Row) -> None:
    given = [row.default] if row.key.endswith("open-urls") else yaml.safe_load(row.default)
    assert Settings.read([{row.key: given}], {}) == NOTHING


def test_the_page_names_every_variable() -> None:
    assert {row.variable for row in ROWS if row.variable} == {
        row.key.upper().replace(".", "_").replace("-", "_") for row in ROWS if row.key in KNOWN_PATHS
    }
    assert set(KNOWN_PATHS) - ONLY_POSTGRES <= {row.key for row in ROWS} | set(IDLE)


def test_the_page_names_every_setting() -> None:
    named = {place for key in [*(row.key for row in ROWS), *IDLE] for place in changed(key)}
    assert set(leaves(NOTHING.model_dump())) - {"notes"} == named


@pytest.mark.parametrize(
    "block",
    named([(page, block) for page, block in SHOWN if block.language == "yaml" and not block.is_flow]),
)
def test_a_configuration_shown_in_a_page_is_read(block: Block) -> None:
    tree = yaml.safe_load(block.text)
    assert set(tree) <= {"kestra", "tiercel", "micronaut", "datasources"}
    settings = Settings.read([tree], {})
    assert settings != NOTHING
    postgres_dsn(settings.database)


def changed(key: str) -> set[str]:
    """The places among our values that a key changes."""
    before = leaves(NOTHING.model_dump())
    for sample in SAMPLES:
        try:
            after = leaves(Settings.read([{key: sample}], {}).model_dump())
        except ValueError:
            continue
        if differing := {place for place, value in after.items() if before.get(place) != value}:
            return differing
    return set()


def leaves(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Values by dotted name; maps that are free-form end the name."""
    found: dict[str, Any] = {}
    for name, value in tree.items():
        is_group = isinstance(value, dict) and name not in ("options", "globals", "namespaces", "scripts", "tenants")
        found |= leaves(value, f"{prefix}{name}.") if is_group else {f"{prefix}{name}": value}
    return found


def tiercel(*arguments: str | Path) -> str:
    """What the command line says; where it fails, all of it is in the error."""
    command = [Path(sys.executable).parent / "tiercel", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=50)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
