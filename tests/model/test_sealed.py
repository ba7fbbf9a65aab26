"""Encrypted texts within data, and the same data opened."""

from typing import Any

from immutables import Map

from tiercel.model.sealed import Opened, holds_sealed, is_sealed, opened, plain, sealed


def backwards(text: str) -> str:
    return text[::-1]


def test_only_the_wrapper_of_the_original_is_an_encrypted_text() -> None:
    assert is_sealed(sealed("x"))
    assert not is_sealed({"type": "io.kestra.datatype:aes_encrypted"})
    assert not is_sealed({**sealed("x"), "more": 1})
    assert not is_sealed("x")


def test_encrypted_texts_are_clear_wherever_they_stand() -> None:
    value = {"a": sealed("cba"), "b": [{"c": sealed("fed")}, 1], "d": "plain"}
    assert opened(value, backwards) == {"a": "abc", "b": [{"c": "def"}, 1], "d": "plain"}


def test_data_without_encrypted_texts_is_not_copied() -> None:
    value: dict[str, Any] = {"a": [1, 2, {"b": "c"}], "d": {}}
    assert opened(value, backwards) is value


def test_it_is_known_whether_data_holds_an_encrypted_text() -> None:
    assert holds_sealed({"a": [{"b": sealed("x")}]})
    assert not holds_sealed({"a": ["io.kestra.datatype:aes_encrypted", {"type": "io.kestra.datatype:aes_encrypted"}]})
    assert not holds_sealed("x")


def test_a_view_opens_what_is_read_of_it_and_nothing_else() -> None:
    asked: list[str] = []

    def decrypt(text: str) -> str:
        asked.append(text)
        return text[::-1]

    tree = Opened(Map(first=Map(token=sealed("cba")), second={"token": sealed("fed"), "list": [sealed("x")]}), decrypt)
    assert (len(tree), sorted(tree), "first" in tree) == (2, ["first", "second"], True)
    assert asked == []
    assert tree["first"]["token"] == "abc"
    assert asked == ["cba"]
    assert tree["second"]["list"] == ["x"]


def test_a_view_becomes_plain_data() -> None:
    tree = Opened(Map(first=Map(token=sealed("cba")), second={"a": [1]}), backwards)
    assert plain([{"x": tree}, 1]) == [{"x": {"first": {"token": "abc"}, "second": {"a": [1]}}}, 1]
    assert opened(Map(first=sealed("cba")), backwards) == {"first": "abc"}


def test_plain_data_stays_what_it_is() -> None:
    value: dict[str, Any] = {"a": [1, 2], "b": {"c": "d"}}
    assert plain(value) is value
