"""What is shown of a history: nothing secret, and every command by its name."""

from datetime import UTC, datetime

from tests.services.house import CIPHER

from tiercel.engine.commands import StartTimer, TellExecutions
from tiercel.engine.events import Created, Done, Evaluated, Kill
from tiercel.model.sealed import sealed
from tiercel.model.states import State
from tiercel.services.cipher import AesCipher
from tiercel.services.entries import Screen, plain, shown_command
from tiercel.services.records import Handled

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
HIDDEN = "hush-hush-hush"


def test_an_answer_that_is_secret_is_hidden_there_and_in_what_comes_after_it() -> None:
    events = (
        Evaluated(NOW, 1, 'secret(key="TOKEN")', HIDDEN),
        Done(NOW, 2, 0, 1, State.SUCCESS, {"said": [f"token {HIDDEN}", 1]}),
    )
    first, second = plain(0, Handled(1, "1.0", events), Screen(None), reason="why")
    assert first.event["value"] == "******"
    assert second.event["outputs"] == {"said": ["token ******", 1]}
    assert (first.not_recomputed, first.release, first.state) == ("why", "1.0", None)


def test_an_answer_of_another_function_is_shown() -> None:
    [entry] = plain(0, Handled(1, "1.0", (Evaluated(NOW, 1, 'kv(key="a")', HIDDEN),)), Screen(None), reason="")
    assert entry.event["value"] == HIDDEN


def test_the_clear_text_of_what_is_encrypted_is_hidden() -> None:
    screen = Screen(CIPHER)
    screen.open({"password": sealed(CIPHER.encrypt(HIDDEN, nonce=bytes(12)))})
    assert screen.hidden({"inputs": {"password": HIDDEN}}) == {"inputs": {"password": "******"}}


def test_what_another_key_has_encrypted_is_no_reason_to_show_nothing() -> None:
    screen = Screen(CIPHER)
    screen.open({"password": sealed(AesCipher.passing().encrypt(HIDDEN, nonce=bytes(12)))})
    assert screen.hidden("as it is") == "as it is"


def test_a_seed_is_written_as_a_text_since_it_is_too_long_a_number_for_many() -> None:
    [entry] = plain(0, Handled(1, "1.0", (Created(NOW, 2**127),)), Screen(None), reason="")
    assert entry.event["seed"] == str(2**127)


def test_a_command_is_shown_with_its_name_and_in_the_words_of_json() -> None:
    assert shown_command(StartTimer("sleep:1", NOW)) == {
        "command": "StartTimer",
        "name": "sleep:1",
        "due": "2026-07-01T09:30:00Z",
    }
    told = shown_command(TellExecutions(("a",), Kill(NOW, 1)))
    assert (told["command"], list(told["children"]), told["event"]["event"]) == ("TellExecutions", ["a"], "kill")
