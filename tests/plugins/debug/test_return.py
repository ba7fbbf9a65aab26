"""Return gives back what it rendered; Echo writes it."""

from tests.plugins.instants import lines, run


def test_the_text_is_given_back() -> None:
    assert run("core.debug.Return", {"format": "{{ inputs.n }}!"}, inputs={"n": 2}).outputs == {"value": "2!"}


def test_without_a_text_null_is_given_back() -> None:
    assert run("core.debug.Return", {}).outputs == {"value": None}


def test_echo_writes_at_its_level() -> None:
    outcome = run("core.debug.Echo", {"format": "{{ inputs.n }}", "level": "WARN"}, inputs={"n": 2})
    assert lines(outcome) == [("WARN", "2")]
