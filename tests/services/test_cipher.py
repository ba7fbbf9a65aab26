"""The server's key."""

import base64

import pytest

from tiercel.model.sealed import is_sealed, sealing
from tiercel.services.cipher import AesCipher, Undecipherable, UnusableKey

CIPHER = AesCipher(bytes(range(32)))


def test_a_text_comes_back() -> None:
    assert CIPHER.decrypt(CIPHER.encrypt("schön {{ x }}", nonce=b"n" * 12)) == "schön {{ x }}"


def test_a_text_is_written_as_nonce_text_and_tag() -> None:
    written = base64.b64decode(CIPHER.encrypt("secret", nonce=b"n" * 12))
    assert written.startswith(b"n" * 12)
    assert len(written) == 12 + len("secret") + 16


def test_a_key_is_given_in_base64_as_it_may_be_broken_over_lines() -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    assert AesCipher.of(f"{key[:20]}\n{key[20:]}\n").decrypt(CIPHER.encrypt("x", nonce=b"n" * 12)) == "x"


@pytest.mark.parametrize(("key", "said"), [("c2hvcnQ=", "this one has 5"), ("no!", "Base64")])
def test_a_key_that_is_none_is_refused(key: str, said: str) -> None:
    with pytest.raises(UnusableKey, match=said):
        AesCipher.of(key)


@pytest.mark.parametrize("text", ["", "AAAA", "no base64", CIPHER.encrypt("x", nonce=b"n" * 12)])
def test_what_another_key_made_cannot_be_read(text: str) -> None:
    with pytest.raises(Undecipherable):
        AesCipher.passing().decrypt(text)


def test_the_same_cause_seals_the_same_and_each_text_of_it_otherwise() -> None:
    first, again, other = sealing(CIPHER, 7, "e1"), sealing(CIPHER, 7, "e1"), sealing(CIPHER, 8, "e1")
    one, two = first("x"), first("x")
    assert is_sealed(one)
    assert one == again("x")
    assert one not in (two, other("x"))
