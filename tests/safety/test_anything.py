"""Any text at all, given to all that reads what people write: it is refused in our words, soon, and in little room."""

import pytest
from fuzz.corpus import seeds
from fuzz.judge import complaint
from fuzz.targets import TARGETS
from hypothesis import given, settings
from hypothesis import strategies as some

LONGEST = 1000
SEEDS = {target: sorted(text for text in seeds(target, None) if len(text) < LONGEST) for target in TARGETS}
SIGNS = [*"'\"\\()[]{},:.?|~+-*/=< \n\t\0\u00e9\ud800\U0001f600&"]
SIGNS += ["{{", "}}", "{%", "%}", "{#", "#}", "#{", "..", "??", "==", "<<:", "|-", "*a", "&a"]


def near(target: str) -> some.SearchStrategy[str]:
    """Texts that somebody has written, cut into pieces, put together anew, with signs in between."""
    written = some.sampled_from(SEEDS[target])
    parts = some.tuples(written, some.integers(0, 200), some.integers(0, 200)).map(lambda p: p[0][p[1] : p[1] + p[2]])
    return some.lists(written | parts | some.sampled_from(SIGNS) | some.text(max_size=5), max_size=6).map("".join)


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=60)
@given(some.data())
def test_any_text_is_taken(target: str, data: some.DataObject) -> None:
    text = data.draw(near(target))
    assert complaint(target, text.encode("utf-8", "surrogatepass")) is None
