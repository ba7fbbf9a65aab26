"""The codes of problems: each has a meaning and an example, and each that the code can tell is among them."""

import ast
from pathlib import Path

import pytest
from scripts.reference_problems import told

from tiercel.definition.codes import CODES
from tiercel.services.catalog import PluginCatalog

_ELSEWHERE = {"not-formatted"}
"""Told by the formatter alone."""


@pytest.fixture(scope="module")
def catalog() -> PluginCatalog:
    return PluginCatalog.installed()


@pytest.mark.parametrize("name", CODES)
def test_the_example_of_a_code_is_told_so(name: str, catalog: PluginCatalog) -> None:
    found = told(name, catalog)
    assert found
    assert all(problem.message and (problem.line or name == "too-much") for problem in found)


def test_every_code_that_can_be_told_has_a_meaning(checkout: Path) -> None:
    files = (checkout / "src/tiercel/definition").rglob("*.py")
    written = {code for file in files for code in _codes(ast.parse(file.read_text()))}
    assert written - _ELSEWHERE <= CODES.keys()
    assert len(written) > 30


def _codes(tree: ast.AST) -> set[str]:
    """The first argument of what makes a problem, where it is written out."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return {
        str(call.args[0].value)
        for call in calls
        if _name(call.func) in ("problem", "Problem", "_report") and isinstance(call.args[0], ast.Constant)
    }


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
