"""What is told to be secret never stands in a line."""

from hypothesis import given
from hypothesis import strategies as st

from tiercel.services.masking import STARS, Masker


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


@given(st.lists(st.text(min_size=3, max_size=20), max_size=5), st.text(max_size=200))
def test_no_secret_survives(secrets: list[str], text: str) -> None:
    masked = masker(*secrets).mask(text + "".join(secrets))
    assert all(secret not in masked.replace(STARS, "") for secret in secrets if secret not in STARS)
