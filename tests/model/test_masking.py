"""What is told to be secret never stands in a line."""

import base64
import html
import json
import shlex
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercel.model.masking import STARS, Masker


def masker(*secrets: str) -> Masker:
    made = Masker()
    for secret in secrets:
        made.add(secret)
    return made


def test_a_secret_becomes_stars() -> None:
    assert masker("s3cret").mask("password=s3cret;") == f"password={STARS};"


def test_a_secret_is_hidden_as_json_writes_it() -> None:
    assert 'two"words' not in masker('two"words').mask(r'{"a": "two\"words"}')
    assert masker('two"words').mask(r'{"a": "two\"words"}') == f'{{"a": "{STARS}"}}'


def test_the_lines_of_a_longer_secret_are_hidden_one_by_one() -> None:
    key = "-----BEGIN KEY-----\nabcdefghijkl\n-----END KEY-----"
    assert masker(key).mask("the line abcdefghijkl") == f"the line {STARS}"


def test_the_parts_of_a_secret_that_is_an_object_are_secret_too() -> None:
    known = masker('{"user": "ann", "keys": ["first-key", 5]}')
    assert known.mask("first-key of ann, 5") == f"{STARS} of {STARS}, 5"


def test_a_secret_within_a_longer_one_does_not_show_the_rest() -> None:
    assert masker("abc", "abcdef").mask("abcdef") == STARS


def test_texts_too_short_to_be_secret_stay() -> None:
    assert masker("1", "").mask("1 of 1") == "1 of 1"


ODD = "s3c/r+t \"&\\ 'ü"


@pytest.mark.parametrize(
    "write",
    [
        str,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        repr,
        shlex.quote,
        html.escape,
        quote,
        quote_plus,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").lower(),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
        lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
        lambda text: base64.b64encode(f"someone:{text} and more".encode()).decode(),
        lambda text: base64.b64encode(f"me:{text}!".encode()).decode(),
    ],
)
def test_a_secret_is_hidden_as_others_write_it(write: Callable[[str], str]) -> None:
    written = write(ODD)
    masked = masker(ODD).mask(f"Authorization: {written};")
    assert STARS in masked
    inner = written.strip("'\"")
    assert not any(inner[start : start + 12] in masked for start in range(4, len(inner) - 15))


def test_a_line_break_at_the_end_of_a_secret_is_no_part_of_it() -> None:
    assert masker("s3cret\n").mask("password s3cret.") == f"password {STARS}."


def test_a_line_of_encrypted_outputs_is_hidden_wherever_it_is_shown() -> None:
    line = '::{"outputs": {"a": 1}, "encryptedOutputs": {"token": "s3cret"}}::'
    assert masker().mask(f"run: echo '{line}' && echo done") == f"run: echo '{STARS}' && echo done"


def test_the_answers_of_secret_functions_are_hidden_and_those_of_others_are_not() -> None:
    known = masker()
    known.add_answer("secret", "first-key")
    known.add_answer("credential", {"token": "second-key", "expires": 12345678, "retries": 3})
    known.add_answer("read", "a public text")
    assert known.mask("first-key second-key 12345678 3 a public text") == f"{STARS} {STARS} {STARS} 3 a public text"


@given(st.lists(st.text(min_size=3, max_size=20), max_size=5), st.text(max_size=200))
def test_no_secret_survives(secrets: list[str], text: str) -> None:
    masked = masker(*secrets).mask(text + "".join(secrets))
    assert all(secret not in masked.replace(STARS, "") for secret in secrets if secret not in STARS)
