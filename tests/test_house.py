"""What holds for the tree as a whole: it is neutral, it says what its parts are for, and make lists itself."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

# Written so that this file does not match itself.
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|proxy\.golang\.org|sum\.golang\.org"
    r"|repo1?\.maven|crates\.io|rubygems\.org|deb\.debian\.org|archive\.ubuntu\.com"
)
MACHINE_PATHS = re.compile(r"(?<![\w.~$}*-])/(?:root|work|Users|opt/wheels)/|(?<![\w.~$}-])/home/\w|\b[A-Z]:\\Users\\")
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
# `[XXX]` is an offset in a Java date pattern.
UNFINISHED = re.compile(r"(?<!\[)\b(?:TO" r"DO|FIX" r"ME|X" r"XX|NotImplemented" r"Error)\b")


def test_no_file_names_a_registry(checkout: Path) -> None:
    assert findings(checkout, REGISTRIES) == []


def test_no_file_names_a_path_of_one_machine(checkout: Path) -> None:
    assert findings(checkout, MACHINE_PATHS) == []


def test_no_source_file_is_left_unfinished(checkout: Path) -> None:
    assert [finding for finding in findings(checkout, UNFINISHED) if finding.startswith(("src/", "plugins/"))] == []


def test_every_locked_requirement_has_a_version_and_a_hash(checkout: Path) -> None:
    requirements = read(checkout / "requirements.lock").replace("\\\n", " ").splitlines()
    assert len(requirements) > 50
    assert [line for line in requirements if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_the_lock_names_no_address(checkout: Path) -> None:
    assert "://" not in read(checkout / "requirements.lock")


def test_every_package_says_what_it_is_for(checkout: Path) -> None:
    packages = {path.parent for path in modules(checkout)}
    assert [str(package) for package in sorted(packages) if not has_docstring(package / "__init__.py")] == []


def test_every_module_says_what_it_is_for(checkout: Path) -> None:
    assert [str(path) for path in modules(checkout) if not has_docstring(path)] == []


def test_every_query_says_what_it_is_for(checkout: Path) -> None:
    queries = [path for path in files(checkout) if path.suffix == ".sql"]
    assert [str(path) for path in queries if not read(path).startswith("-- ")] == []


def test_no_module_has_a_name_that_says_nothing(checkout: Path) -> None:
    assert [str(path) for path in modules(checkout) if VAGUE_NAMES & {path.stem, path.parent.name}] == []


def test_bare_make_lists_every_target(checkout: Path) -> None:
    listed = subprocess.run(["make"], cwd=checkout, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^\.PHONY: (\S+)$", read(checkout / "Makefile"), flags=re.MULTILINE)
    assert len(targets) > 5
    assert [target for target in targets if not re.search(rf"make {target} +\w", listed)] == []


def test_every_link_between_our_pages_leads_somewhere(checkout: Path) -> None:
    pages = [path for path in files(checkout) if path.suffix == ".md"]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#\s]+)", read(page)) if "://" not in link]
    assert [f"{page}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_every_decision_has_its_headings_and_stands_in_the_table(checkout: Path) -> None:
    folder = checkout / "docs/design/adr"
    headings = re.findall(r"^## .*$", read(folder / "template.md"), flags=re.MULTILINE)
    table = read(folder / "README.md")
    decisions = sorted(folder.glob("[0-9]*.md"))
    assert decisions != []
    assert [path.name for path in decisions if f"({path.name})" not in table] == []
    assert [path.name for path in decisions if any(heading not in read(path) for heading in headings)] == []


@pytest.mark.parametrize(
    ("ours", "seed"),
    [("examples/etl_pipeline.yaml", "etl_pipeline.yaml"), ("deploy/docker-compose.yml", "docker-compose.yml")],
)
def test_the_acceptance_files_are_kept_letter_for_letter(checkout: Path, shared: Path, ours: str, seed: str) -> None:
    if not (checkout / ours).exists():
        pytest.skip(f"{ours} is not written yet")
    assert (checkout / ours).read_bytes() == (shared / "seed" / seed).read_bytes()


def findings(checkout: Path, pattern: re.Pattern[str]) -> list[str]:
    """Every match in the tree as `file:line: match`."""
    return [
        f"{path.relative_to(checkout)}:{number}: {match.group()}"
        for path in files(checkout)
        for number, line in enumerate(read(path).splitlines(), start=1)
        for match in pattern.finditer(line)
    ]


def files(checkout: Path) -> Iterator[Path]:
    """The files that are, or are about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout
    paths = (checkout / name for name in listed.split("\0") if name)
    return (path for path in paths if path.is_file())


def modules(checkout: Path) -> list[Path]:
    """Our Python files, without the tests."""
    return [path for path in files(checkout) if path.suffix == ".py" and path.is_relative_to(checkout / "src/tiercel")]


def has_docstring(path: Path) -> bool:
    return path.exists() and ast.get_docstring(ast.parse(read(path), filename=str(path))) is not None


def read(path: Path) -> str:
    """The text of a file; what is not text (a picture) reads as gibberish that matches nothing."""
    return path.read_bytes().decode(errors="replace")
