"""What fuzzing begins with: every text that our tests and the conformance material hold, and the words of the language."""

import ast
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from tiercel.expression import FILTERS, FUNCTIONS, TAGS, TESTS

CHECKOUT = Path(__file__).parent.parent
LONGEST = 4096
_OF_TEMPLATES = ("tests/expression", "tests/safety")
_OF_FLOWS = ("tests/scenarios", "tests/definition", "examples", "docs")
_BLOCK = re.compile(r"^```yaml[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SIGNS = ("{{", "}}", "{%", "%}", "{#", "#}", "#{", "??", "???", "..", "==", "!=", "<=", ">=", "~", "is not", "isIn")
_KEYS = ("id:", "namespace:", "tasks:", "type:", "inputs:", "triggers:", "errors:", "<<:", "&a", "*a", "|", "- ")


def write_corpus(target: str, folder: Path, shared: Path | None) -> None:
    """Fill a folder with seeds for one target."""
    folder.mkdir(parents=True, exist_ok=True)
    for text in seeds(target, shared):
        data = text.encode("utf-8", "replace")
        if len(data) <= LONGEST:
            (folder / sha256(data).hexdigest()[:16]).write_bytes(data)


def seeds(target: str, shared: Path | None) -> Iterator[str]:
    """The texts that a target begins with."""
    return _flows(shared) if target == "yaml" else _templates(shared)


def write_dictionary(target: str, file: Path) -> None:
    """The words libFuzzer may put in."""
    words = _KEYS if target == "yaml" else (*_SIGNS, *FILTERS, *FUNCTIONS, *TESTS, *TAGS)
    file.write_text("".join(f'"{_escaped(word)}"\n' for word in words))


def _escaped(word: str) -> str:
    return "".join(letter if letter.isalnum() else "".join(f"\\x{b:02x}" for b in letter.encode()) for letter in word)


def _templates(shared: Path | None) -> Iterator[str]:
    for module in sorted(path for name in _OF_TEMPLATES for path in (CHECKOUT / name).glob("*.py")):
        yield from (text for text in _texts(module) if "{" in text)
    named = [*FILTERS.values(), *FUNCTIONS.values(), *TESTS.values()]
    for about in [*(one.about for one in named), *TAGS.values()]:
        yield from (example.template for example in about.examples)
    vectors = shared / "conformance/vectors.jsonl" if shared else None
    if vectors is not None and vectors.is_file():
        yield from (str(json.loads(line)["template"]) for line in vectors.read_text().splitlines() if line.strip())


def _texts(module: Path) -> Iterator[str]:
    """The literal texts of a Python module."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _flows(shared: Path | None) -> Iterator[str]:
    for name in _OF_FLOWS:
        for path in sorted((CHECKOUT / name).rglob("*")):
            if path.suffix in (".yaml", ".yml"):
                yield path.read_text()
            elif path.suffix == ".md":
                yield from _BLOCK.findall(path.read_text())
    flows = shared / "conformance/flows" if shared else None
    if flows is not None and flows.is_dir():
        yield from (path.read_text() for path in sorted(flows.rglob("*.y*ml")))
