"""What settings come to: the language of expressions, the server's key, plugin defaults."""

import base64
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tiercel.app.values import defaults_of, limits_of, world_of
from tiercel.expression import Dialect
from tiercel.model.spilled import OutputLimits
from tiercel.services.catalog import PluginCatalog
from tiercel.settings import Settings, UnsupportedSetting


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({}, Dialect()),
        ({"tiercel": {"expressions": {"version": 1.0}}}, Dialect.of("1.0")),
        ({"tiercel": {"expressions": {"version": "0.21"}}}, Dialect.of("0.21")),
        ({"kestra": {"variables": {"recursive-rendering": True}}}, Dialect(is_recursive=True)),
    ],
)
def test_settings_choose_the_language_of_expressions(tree: dict[str, Any], expected: Dialect) -> None:
    assert world_of(Settings.read([tree], {}), ZoneInfo("UTC"), {}).dialect == expected


def test_the_environment_can_choose_it() -> None:
    settings = Settings.read([], {"TIERCEL_EXPRESSIONS_VERSION": "1.0"})
    assert world_of(settings, ZoneInfo("UTC"), {}).dialect == Dialect.of("1.0")


def test_the_key_of_the_server_is_read_from_base64() -> None:
    settings = Settings.read([], {"KESTRA_ENCRYPTION_SECRET_KEY": base64.b64encode(bytes(32)).decode()})
    cipher = world_of(settings, ZoneInfo("UTC"), {}).cipher
    assert cipher is not None
    assert cipher.decrypt(cipher.encrypt("x", nonce=bytes(12))) == "x"


def test_a_key_that_is_none_stops_the_start() -> None:
    settings = Settings.read([{"kestra": {"encryption": {"secret-key": "c2hvcnQ="}}}], {})
    with pytest.raises(UnsupportedSetting, match=r"kestra\.encryption\.secret-key"):
        world_of(settings, ZoneInfo("UTC"), {})


def test_without_a_key_there_is_no_encryption() -> None:
    assert world_of(Settings.read([], {}), ZoneInfo("UTC"), {}).cipher is None


def test_plugin_defaults_are_for_all_flows_or_for_those_of_a_namespace() -> None:
    log = "io.kestra.plugin.core.log.Log"
    kestra = {
        "plugins": {"defaults": [{"type": log, "values": {"level": "WARN"}, "namespace": "my"}]},
        "tasks": {"defaults": [{"type": log, "values": {"level": "ERROR", "logToFile": True}}]},
    }
    defaults = defaults_of(Settings.read([{"kestra": kestra}], {}), PluginCatalog.installed())
    tasks = {"tasks": [{"type": "core.log.Log"}]}
    assert defaults.over({"namespace": "my.team", **tasks}) == {
        "namespace": "my.team",
        "tasks": [{"type": "core.log.Log", "level": "WARN", "logToFile": True}],
    }
    assert (defaults.over({"namespace": "other", **tasks}) or {})["tasks"][0]["level"] == "ERROR"


def test_outputs_are_too_large_only_where_the_protection_of_the_original_is_asked_for() -> None:
    written = {
        "kestra": {"queue": {"message-protection": {"limit": 2000}}},
        "tiercel": {"outputs": {"inline-limit": 9}},
    }
    assert limits_of(Settings.read([written], {})) == OutputLimits(inline=9)
    asked = {"KESTRA_QUEUE_MESSAGE_PROTECTION_ENABLED": "true"}
    assert limits_of(Settings.read([written], asked)) == OutputLimits(inline=9, most=2000)
    old = {"kestra": {"jdbc": {"queues": {"message-protection": {"enabled": True}}}}}
    assert limits_of(Settings.read([old], {})).most == 1024 * 1024
