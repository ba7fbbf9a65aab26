"""http.Request against a real server: what is sent, what comes back, what counts as a failure."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.plugins.http.server import LARGE
from tests.services.jobs import Place, a_job, a_place

from tiercel.model.states import State
from tiercel.services.cipher import AesCipher
from tiercel.services.outcome import Outcome


async def send(place: Place, uri: str, **properties: Any) -> Outcome:
    return await place.runner.run(a_job("core.http.Request", {"uri": uri, **properties}))


async def echo(place: Place, server: str, **properties: Any) -> dict[str, Any]:
    outcome = await send(place, f"{server}/echo", **properties)
    assert outcome.state is State.SUCCESS, outcome.error
    assert outcome.outputs is not None
    return json.loads(outcome.outputs["body"])


async def test_code_headers_and_body_are_outputs(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/created")
    assert outcome.outputs is not None
    assert (outcome.outputs["code"], outcome.outputs["body"]) == (201, "{}")
    assert outcome.outputs["headers"]["Content-Type"] == ["application/json"]
    assert outcome.outputs["uri"] == f"{server}/created"


async def test_method_query_and_headers_are_sent(place: Place, server: str) -> None:
    told = await echo(place, server, method="PUT", params={"q": "a b", "n": [1, 2]}, headers={"X-Id": 5})
    assert told["method"] == "PUT"
    assert told["query"] == {"q": ["a b"], "n": ["1", "2"]}
    assert told["headers"]["x-id"] == "5"


@pytest.mark.parametrize(("written", "sent"), [("post", "POST"), ("PROPFIND", "PROPFIND")])
async def test_any_method_is_sent_in_letters_of_any_case(place: Place, server: str, written: str, sent: str) -> None:
    assert (await echo(place, server, method=written))["method"] == sent


async def test_a_method_is_one_word(place: Place, server: str) -> None:
    assert "`method`" in str((await send(place, server, method="GET /other")).error)


async def test_headers_are_sent_with_any_letters(place: Place, server: str) -> None:
    told = await echo(place, server, headers={"X-Name": "Zoë"})
    assert told["headers"]["x-name"].encode("latin-1").decode() == "Zoë"


async def test_params_are_added_to_the_query_that_the_address_has(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/echo?a=1&b=%2F", params={"b": "2", "c": "x&y"})
    assert outcome.outputs is not None
    assert json.loads(outcome.outputs["body"])["query"] == {"a": ["1"], "b": ["/", "2"], "c": ["x&y"]}


@pytest.mark.parametrize(
    ("properties", "body", "content_type"),
    [
        ({"body": {"a": 1}}, '{"a": 1}', "application/json"),
        ({"body": '{"a": 1}'}, '{"a": 1}', "application/json"),
        ({"body": "plain é"}, "plain é", "application/json"),
        ({"body": "a: 1", "contentType": "application/yaml"}, "a: 1", "application/yaml"),
        ({"body": "x", "headers": {"content-type": "text/x"}}, "x", "text/x"),
        ({"formData": {"a": "1 2", "b": True}}, "a=1+2&b=true", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_is_sent_as_what_it_is(
    place: Place, server: str, properties: dict[str, Any], body: str, content_type: str
) -> None:
    told = await echo(place, server, method="POST", **properties)
    assert (told["body"], told["headers"]["content-type"]) == (body, content_type)


async def test_a_form_carries_files_of_internal_storage(place: Place, server: str) -> None:
    file = await place.runner.run(a_job("core.http.Download", {"uri": f"{server}/file"}))
    assert file.outputs is not None
    form = {"note": "hello", "raw": file.outputs["uri"], "own": {"name": "mine.csv", "content": file.outputs["uri"]}}
    told = await echo(place, server, method="POST", contentType="multipart/form-data", formData=form)
    assert told["headers"]["content-type"].startswith("multipart/form-data; boundary=")
    assert 'name="note"\r\n' in told["body"]
    assert 'filename="file"' in told["body"]
    assert 'name="own"; filename="mine.csv"' in told["body"]
    assert told["body"].count("a,b\n1,2\n") == 2


async def test_a_redirect_is_followed_unless_told_otherwise(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/moved")
    assert outcome.outputs is not None
    assert (outcome.outputs["code"], outcome.outputs["uri"]) == (200, f"{server}/moved")
    outcome = await send(place, f"{server}/moved", options={"followRedirects": False})
    assert outcome.outputs is not None
    assert outcome.outputs["code"] == 302


@pytest.mark.parametrize(
    "options",
    [
        {"auth": {"type": "BASIC", "username": "ann", "password": "pw"}},
        {"auth": {"type": "BEARER", "token": "{{ secret('TOKEN') }}"}},
        {"basicAuthUser": "ann", "basicAuthPassword": "pw"},
    ],
)
async def test_both_ways_to_say_who_asks(place: Place, server: str, options: dict[str, Any]) -> None:
    assert (await send(place, f"{server}/private", options=options)).state is State.SUCCESS


async def test_a_challenge_is_answered(place: Place, server: str) -> None:
    auth = {"type": "DIGEST", "username": "ann", "password": "pw"}
    assert (await send(place, f"{server}/digest", options={"auth": auth})).state is State.SUCCESS
    wrong = {**auth, "password": "other"}
    assert "401" in str((await send(place, f"{server}/digest", options={"auth": wrong})).error)


async def test_data_in_a_form_is_sent_as_json(place: Place, server: str) -> None:
    form = {"user": {"name": "x", "tags": ["a"]}, "n": [1]}
    told = await echo(place, server, method="POST", contentType="multipart/form-data", formData=form)
    assert '{"name": "x", "tags": ["a"]}' in told["body"]
    assert "[1]" in told["body"]


async def test_a_refusal_fails_and_says_what_the_server_said(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/absent")
    assert (outcome.state, outcome.error) == (
        State.FAILED,
        f"GET {server}/absent was answered with 404 Not Found: nothing is here",
    )


@pytest.mark.parametrize(
    ("path", "properties", "state"),
    [
        ("absent", {"options": {"allowFailed": True}}, State.SUCCESS),
        ("absent", {"allowFailed": True}, State.SUCCESS),
        ("absent", {"options": {"allowedResponseCodes": [404]}}, State.SUCCESS),
        ("created", {"options": {"allowedResponseCodes": [200]}}, State.FAILED),
        ("created", {"options": {"allowedResponseCodes": [200], "allowFailed": True}}, State.FAILED),
    ],
)
async def test_which_answers_count_as_failures(
    place: Place, server: str, path: str, properties: dict[str, Any], state: State
) -> None:
    assert (await send(place, f"{server}/{path}", **properties)).state is state


async def test_each_answer_is_told(place: Place, server: str) -> None:
    await send(place, f"{server}/created")
    assert await place.lines() == [("DEBUG", f"Request '{server}/created' with the response code '201'")]


async def test_headers_and_bodies_are_told_where_that_is_wanted(place: Place, server: str) -> None:
    parts = ["REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"]
    options = {"logs": parts, "auth": {"type": "BEARER", "token": "sesame"}}
    await send(place, f"{server}/echo", method="POST", body="hello", headers={"X-Id": "5"}, options=options)
    told = await place.lines()
    assert [level for level, _ in told] == ["DEBUG", "TRACE", "DEBUG", "DEBUG", "TRACE"]
    assert [text.partition("\n")[0] for _, text in told][:2] == [f"request: POST {server}/echo", "request body:"]
    assert "X-Id: 5" in told[0][1]
    assert "Content-Type: application/json" in told[3][1]
    assert "Authorization: ******" in told[0][1]
    assert told[1][1].endswith("hello")


async def test_a_text_is_decoded_as_its_content_type_says(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/latin")
    assert outcome.outputs is not None
    assert outcome.outputs["body"] == "café"


async def test_an_empty_body_is_null(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/empty")
    assert outcome.outputs is not None
    assert outcome.outputs["body"] is None


async def test_an_answer_too_large_for_an_output_fails(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/large", options={"maxContentLength": LARGE - 1})
    assert "longer than" in str(outcome.error)
    assert "http.Download" in str(outcome.error)


async def test_a_silent_server_is_not_waited_for_longer_than_said(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/silent", options={"timeout": {"readIdleTimeout": "PT0.05S"}})
    waited = "the server was silent for PT0.05S, see options.timeout.readIdleTimeout"
    assert outcome.error == f"GET {server}/silent took too long: {waited}"


async def test_a_server_that_is_not_there_is_named(place: Place) -> None:
    outcome = await send(place, "http://127.0.0.1:9/nothing")
    assert outcome.error == "GET http://127.0.0.1:9/nothing failed: Connection refused"


async def test_an_address_that_is_none_is_named(place: Place) -> None:
    assert "failed" in str((await send(place, "not an address")).error)


async def test_a_proxy_gets_the_request(place: Place, server: str) -> None:
    host, port = server.removeprefix("http://").split(":")
    outcome = await send(
        place, "http://tiercel.invalid/echo", options={"proxy": {"type": "HTTP", "address": host, "port": int(port)}}
    )
    assert outcome.outputs is not None
    assert json.loads(outcome.outputs["body"])["headers"]["host"] == "tiercel.invalid"


async def test_an_option_of_the_original_that_has_no_effect_is_taken(place: Place, server: str) -> None:
    outcome = await send(place, f"{server}/created", options={"enabledTcpExtendedKeepAlive": True})
    assert outcome.state is State.SUCCESS, outcome.error


async def test_a_body_may_be_kept_encrypted(tmp_path: Path, server: str) -> None:
    cipher = AesCipher(bytes(32))
    async with a_place(tmp_path, cipher=cipher) as place:
        outputs = (await send(place, f"{server}/echo", encryptBody=True)).outputs or {}
    assert outputs.get("body") is None
    assert "method" in json.loads(cipher.decrypt(outputs["encryptedBody"]["value"]))


async def test_encryption_without_a_key_is_refused_clearly(place: Place, server: str) -> None:
    assert "kestra.encryption.secret-key" in str((await send(place, f"{server}/echo", encryptBody=True)).error)
