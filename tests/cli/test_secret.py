"""`tiercel secret`: written from a pipe or by hand, listed without values, deleted."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.commands import Tiercel
from tests.server import settings_for, threaded

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def keyed(dsn: str, home: Path, tiercel: Tiercel, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tiercel]:
    """Types commands that speak to a server with a key."""
    with threaded(settings_for(dsn, home, kestra={"encryption": {"secret-key": KEY}}), environment={}) as server:
        monkeypatch.setenv("TIERCEL_SERVER", server.url)
        yield tiercel


def typed_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_secret_comes_from_a_pipe_and_is_listed_without_its_value(
    keyed: Tiercel, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed_in(monkeypatch, "hunter2\n")
    said = keyed("secret", "set", "company", "TOKEN", "--description", "of the bank", "--tag", "owner:ann")
    assert (said.code, said.out) == (0, "company has the secret TOKEN\n")
    assert keyed("secret", "list").out == "company  TOKEN  of the bank  owner:ann\n"
    assert keyed("secret", "list", "other")[1:] == ("", "there is none\n")
    [listed] = json.loads(keyed("secret", "list", "company", "--query", "tok", "--json").out)
    assert listed["tags"] == [{"key": "owner", "value": "ann"}]
    assert "hunter2" not in str(listed)


def test_a_person_is_asked_for_the_value(keyed: Tiercel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("tiercel.cli.secret.getpass", lambda prompt: asked.append(prompt) or "hunter2")
    assert keyed("secret", "set", "company", "TOKEN").code == 0
    assert asked == ["Value of TOKEN in company: "]


def test_a_deleted_secret_is_gone(keyed: Tiercel, monkeypatch: pytest.MonkeyPatch) -> None:
    typed_in(monkeypatch, "x")
    keyed("secret", "set", "company", "TOKEN")
    assert keyed("secret", "delete", "company", "TOKEN").code == 0
    said = keyed("secret", "delete", "company", "TOKEN")
    assert (said.code, said.err) == (1, "the namespace `company` has no secret `TOKEN`\n")


def test_what_cannot_be_stored_is_told_in_words(tiercel: Tiercel, monkeypatch: pytest.MonkeyPatch) -> None:
    typed_in(monkeypatch, "\n")
    assert "without a value" in tiercel("secret", "set", "company", "TOKEN").err
    assert tiercel("secret", "set", "company", "TOKEN", "--tag", "nocolon").code == 2
    typed_in(monkeypatch, "x")
    said = tiercel("secret", "set", "company", "TOKEN")
    assert said.code == 1
    assert "kestra.encryption.secret-key" in said.err
