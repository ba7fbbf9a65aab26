"""Options of HTTP tasks are read in old and new words alike."""

from typing import Any

import pytest
from pydantic import ValidationError

from tiercel.sdk.http import HttpOptions

OLD: dict[str, Any] = {
    "connectTimeout": "PT5S",
    "readTimeout": "PT10S",
    "readIdleTimeout": "PT20S",
    "connectionPoolIdleTimeout": "PT0S",
    "proxyType": "HTTP",
    "proxyAddress": "proxy",
    "proxyPort": 3128,
    "proxyUsername": "u",
    "proxyPassword": "p",
    "basicAuthUser": "ann",
    "basicAuthPassword": "pw",
    "logLevel": "TRACE",
    "defaultCharset": "UTF-8",
    "followRedirects": False,
    "maxContentLength": 5,
}
NEW: dict[str, Any] = {
    "timeout": {"connectTimeout": "PT5S", "readIdleTimeout": "PT10S"},
    "proxy": {"type": "HTTP", "address": "proxy", "port": 3128, "username": "u", "password": "p"},
    "auth": {"type": "BASIC", "username": "ann", "password": "pw"},
    "defaultCharset": "UTF-8",
    "followRedirects": False,
    "maxContentLength": 5,
}


def test_old_words_mean_the_same_as_the_new_ones() -> None:
    assert HttpOptions.model_validate(OLD) == HttpOptions.model_validate(NEW)


def test_new_words_win() -> None:
    options = HttpOptions.model_validate({"connectTimeout": "PT1S", "timeout": {"connectTimeout": "PT2S"}})
    assert options.timeout.connect_timeout is not None
    assert options.timeout.connect_timeout.total_seconds() == 2


@pytest.mark.parametrize("auth", [{"type": "BEARER"}, {"type": "BASIC"}, {"type": "MAGIC"}, {}])
def test_authentication_must_have_what_its_type_wants(auth: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        HttpOptions.model_validate({"auth": auth})


def test_passwords_do_not_show() -> None:
    assert "pw" not in repr(HttpOptions.model_validate(NEW).auth)
