"""Lines by which a script talks to the server."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.plugins_scripts.scripts import SHELL, Shop, a_shop

from tiercel.model.states import State
from tiercel.services.cipher import AesCipher
from tiercel.services.outcome import Outcome


async def say(shop: Shop, *messages: Any) -> Outcome:
    """Run a script that writes messages, each a line."""
    texts = [message if isinstance(message, str) else f"::{json.dumps(message)}::" for message in messages]
    return await shop.run(SHELL, inputFiles={"said": "\n".join(texts)}, script="cat said")


async def test_outputs_of_several_lines_are_merged(shop: Shop) -> None:
    outcome = await say(shop, {"outputs": {"a": 1, "b": {"x": 1}}}, {"outputs": {"b": [2], "c": None}})
    assert (outcome.outputs or {})["vars"] == {"a": 1, "b": [2], "c": None}
    assert await shop.lines() == []


async def test_both_streams_and_before_commands_may_speak(shop: Shop) -> None:
    outcome = await shop.run(
        SHELL,
        beforeCommands=["""echo '::{"outputs":{"a":1}}::'"""],
        script="""echo '::{"outputs":{"b":2}}::' >&2""",
    )
    assert (outcome.outputs or {})["vars"] == {"a": 1, "b": 2}


async def test_metrics_are_reported(shop: Shop) -> None:
    await say(
        shop,
        {
            "metrics": [
                {"name": "rows", "type": "counter", "value": 3, "tags": {"table": "a", "n": 1, "name": "x"}},
                {"name": "took", "type": "timer", "value": 1.5},
                {"name": "waited", "type": "timer", "value": "PT2S"},
                {"name": "load", "type": "gauge", "value": "0.5"},
            ]
        },
    )
    assert await shop.metrics() == [
        ("counter", "rows", 3, {"table": "a", "n": "1"}),
        ("timer", "took", 1500, {}),
        ("timer", "waited", 2000, {}),
        ("gauge", "load", 0.5, {}),
    ]


@pytest.mark.parametrize(
    ("metric", "line"),
    [
        ({"name": "m", "type": "counter", "value": "many"}, "metric 'm' has the value 'many', which is no number"),
        ({"name": "m", "type": "timer", "value": []}, "metric 'm' has the value [], which is no duration"),
        ({"name": "m", "type": "sum", "value": 1}, "metric 'm' has type 'sum'; there are counter, timer and gauge"),
    ],
)
async def test_a_metric_that_is_wrong_is_told(shop: Shop, metric: dict[str, Any], line: str) -> None:
    outcome = await say(shop, {"metrics": [metric]})
    assert (outcome.state, await shop.lines()) == (State.SUCCESS, [("WARN", line)])


async def test_logs_have_their_level(shop: Shop) -> None:
    logs = [{"level": level, "message": level} for level in ("TRACE", "debug", "WARN", "WARNING", "ERROR", "LOUD")]
    await say(shop, {"logs": [*logs, {"message": {"a": 1}}]})
    assert await shop.lines() == [
        ("TRACE", "TRACE"),
        ("DEBUG", "debug"),
        ("WARN", "WARN"),
        ("WARN", "WARNING"),
        ("ERROR", "ERROR"),
        ("INFO", "LOUD"),
        ("INFO", '{"a": 1}'),
    ]


async def test_a_line_that_is_no_json_is_told_and_dropped(shop: Shop) -> None:
    outcome = await say(shop, "::{nothing}::", "::{" + '"a":[' * 100_000 + "}::")
    assert outcome.state is State.SUCCESS
    assert {level for level, _ in await shop.lines()} == {"WARN"}


@pytest.mark.parametrize("line", [' ::{"outputs":{"a":1}}::', '::{"outputs":{"a":1}}:: ', '::{"outputs"', "::[1]::"])
async def test_other_lines_are_log_lines(shop: Shop, line: str) -> None:
    outcome = await say(shop, line)
    assert (outcome.outputs or {})["vars"] == {}
    assert await shop.lines() == [("INFO", line)]


async def test_what_json_cannot_hold_is_nothing(shop: Shop) -> None:
    outcome = await say(shop, '::{"outputs": {"a": NaN, "b": [Infinity]}}::')
    assert (outcome.outputs or {})["vars"] == {"a": None, "b": [None]}


async def test_a_long_message_stays_whole(shop: Shop) -> None:
    outcome = await say(shop, {"outputs": {"text": "x" * 300_000}})
    assert len((outcome.outputs or {})["vars"]["text"]) == 300_000


async def test_what_is_to_be_kept_encrypted_is_and_is_masked_from_then_on(tmp_path: Path) -> None:
    cipher = AesCipher(bytes(32))
    async with a_shop(tmp_path, cipher=cipher) as shop:
        secret = {"encryptedOutputs": {"token": "hunter2", "n": 4711}}
        outcome = await say(shop, secret, "the token is hunter2")
        kept = (outcome.outputs or {})["vars"]
        assert {name: cipher.decrypt(value["value"]) for name, value in kept.items()} == {
            "token": "hunter2",
            "n": "4711",
        }
        assert ("INFO", "the token is ******") in await shop.lines()


async def test_without_a_key_nothing_can_be_kept_encrypted(shop: Shop) -> None:
    outcome = await say(shop, {"encryptedOutputs": {"token": "hunter2"}})
    assert outcome.state is State.FAILED
    assert "kestra.encryption.secret-key" in str(outcome.error)
