"""What fuzzing has found once is replayed for ever: `make fuzz` puts the inputs beside this file."""

from pathlib import Path

import pytest
from fuzz.judge import complaint
from fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "found"
INPUTS = [
    pytest.param(path.parent.name, path, id=f"{path.parent.name}-{path.name}") for path in sorted(FOUND.glob("*/*"))
]


@pytest.mark.parametrize(("target", "path"), INPUTS)
def test_what_was_found_is_refused_in_our_words(target: str, path: Path) -> None:
    assert complaint(target, path.read_bytes()) is None


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\xff\xfe{{", b"{{ a }}", b"id: a\nnamespace: b\ntasks: []\n", b"a: &a [*a]"])
def test_the_targets_take_any_bytes(target: str, data: bytes) -> None:
    assert complaint(target, data) is None
