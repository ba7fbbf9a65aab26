"""Messages of log lines in a terminal."""

from tiercel.cli.message import readable


def test_a_link_is_words() -> None:
    message = 'Created new execution [[link execution="0Va" flowId="daily" namespace="sales.eu"]], and [[more]]'
    assert readable(message) == "Created new execution 0Va of sales.eu.daily, and [[more]]"
