"""The shared vectors: every certain one passes but those named here, and those named here still fail."""

from pathlib import Path

import pytest
from tests.conformance.vectors import run_file

FAILING = {
    "x1068": "there is one kind of double here, none of 32 bits",
    "x1069": "there is one kind of integer here, none of 32 bits",
    "x1649": "there is one kind of double here, none of 32 bits",
    "x1694": "which days are holidays is the host's to know; the fixtures name none",
    "x1696": "which days are holidays is the host's to know; the fixtures name none",
    "x1698": "which days are holidays is the host's to know; the fixtures name none",
}
FAILING_TOPICS = {"jq": "jq comes with a later issue", "jq-error": "jq comes with a later issue"}


@pytest.fixture(scope="module")
def vectors(shared: Path) -> Path:
    return shared / "conformance" / "vectors.jsonl"


def test_every_certain_vector_passes_but_the_named_ones(vectors: Path) -> None:
    outcomes = [outcome for outcome in run_file(vectors) if outcome.certain]
    failed = {
        outcome.id: outcome.problem for outcome in outcomes if outcome.problem and outcome.topic not in FAILING_TOPICS
    }
    assert len(outcomes) > 1200
    assert {key: problem for key, problem in failed.items() if key not in FAILING} == {}


def test_no_vector_is_named_as_failing_that_passes(vectors: Path) -> None:
    passed = {outcome.id for outcome in run_file(vectors) if not outcome.problem}
    assert passed & FAILING.keys() == set()
