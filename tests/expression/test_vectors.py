"""The shared vectors: every certain one passes, and the page of differences explains every other one that does not."""

import re
from pathlib import Path

import pytest
from tests.conformance.vectors import run_file

EXPLAINED = re.compile(r"^\| `(x\d+)` \|", re.MULTILINE)
"""Rows of the page that tells of the vectors we answer otherwise."""


@pytest.fixture(scope="module")
def vectors(shared: Path) -> Path:
    return shared / "conformance" / "vectors.jsonl"


def test_every_certain_vector_passes(vectors: Path) -> None:
    outcomes = [outcome for outcome in run_file(vectors) if outcome.certain]
    assert len(outcomes) > 1200
    assert {outcome.id: outcome.problem for outcome in outcomes if outcome.problem} == {}


def test_the_page_explains_exactly_the_vectors_that_are_answered_otherwise(vectors: Path, checkout: Path) -> None:
    explained = EXPLAINED.findall((checkout / "docs/reference/expression-differences.md").read_text())
    assert explained == sorted(outcome.id for outcome in run_file(vectors) if outcome.problem)
