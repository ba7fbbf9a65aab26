"""Log writes one line a message, at its level."""

import pytest
from tests.plugins.instants import lines, run


def test_one_message_or_several() -> None:
    assert lines(run("core.log.Log", {"message": "a {{ inputs.n }}"}, inputs={"n": 2})) == [("INFO", "a 2")]
    assert lines(run("core.log.Log", {"message": ["a", "{{ inputs.n }}"]}, inputs={"n": 2})) == [
        ("INFO", "a"),
        ("INFO", "2"),
    ]


@pytest.mark.parametrize("level", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"])
def test_every_level(level: str) -> None:
    assert lines(run("core.log.Log", {"message": "a", "level": "{{ inputs.level }}"}, inputs={"level": level})) == [
        (level, "a")
    ]


def test_a_line_too_long_for_an_entry_becomes_several() -> None:
    outcome = run("core.log.Log", {"message": "x" * 70_000})
    assert [len(message) for _, message in lines(outcome)] == [65_536, 4_464]


def test_what_no_database_takes_is_replaced() -> None:
    assert lines(run("core.log.Log", {"message": "a\0b\ud800c"})) == [("INFO", "a\ufffdb?c")]
