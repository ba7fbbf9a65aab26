"""What settings are read from, and what wins."""

from datetime import timedelta
from typing import Any

import pytest
import yaml

from tiercel.settings import Database, Settings, UnsupportedSetting, postgres_dsn


def read(text: str = "", **environment: str) -> Settings:
    tree: dict[str, Any] = yaml.safe_load(text) or {}
    return Settings.read([tree], environment)


def test_nothing_given_means_the_laptop() -> None:
    settings = read()
    assert (settings.http.host, settings.http.port, settings.database.url) == ("127.0.0.1", 8080, None)


def test_the_seeds_compose_text_is_understood() -> None:
    settings = read(
        """
        datasources: {postgres: {url: "jdbc:postgresql://postgres:5432/kestra", driverClassName: x, username: kestra}}
        kestra: {repository: {type: postgres}, queue: {type: postgres}, storage: {type: local, local: {base-path: /app/storage}}}
        """
    )
    assert postgres_dsn(settings.database) == "postgresql://postgres:5432/kestra"
    assert settings.database.username == "kestra"
    assert settings.storage.options == {"base-path": "/app/storage"}


@pytest.mark.parametrize("key", ["basic-auth", "basicAuth", "basic_auth"])
def test_keys_are_relaxed(key: str) -> None:
    assert read(f"kestra: {{server: {{{key}: {{username: a@b.c}}}}}}").server.basic_auth.username == "a@b.c"


def test_dotted_keys_are_paths() -> None:
    assert read("kestra.server.basic-auth.username: a@b.c").server.basic_auth.username == "a@b.c"


def test_the_environment_beats_the_file() -> None:
    settings = read("micronaut: {server: {port: 1}}", MICRONAUT_SERVER_PORT="2", KESTRA_STORAGE_TYPE="s3")
    assert (settings.http.port, settings.storage.type) == (2, "s3")


def test_a_later_file_beats_an_earlier_one() -> None:
    assert Settings.read([{"kestra": {"url": "a"}}, {"kestra": {"url": "b"}}], {}).url == "b"


def test_placeholders_are_filled_from_the_environment() -> None:
    assert read("kestra: {url: '${HOST_URL:http://x}/a'}").url == "http://x/a"
    assert read("kestra: {url: '${HOST_URL:http://x}/a'}", HOST_URL="http://y").url == "http://y/a"


def test_namespaces_and_tenants_are_limited_by_their_names() -> None:
    limited = {"company.team": {"limit": 2, "behavior": "CANCEL"}, "myOwn": {"limit": 3}}
    read_back = read("tiercel: {concurrency: {namespaces: " + str(limited).replace("'", '"') + "}}").concurrency
    assert {name: (one.limit, one.behavior) for name, one in read_back.namespaces.items()} == {
        "company.team": (2, "CANCEL"),
        "myOwn": (3, "QUEUE"),
    }
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        read("tiercel: {concurrency: {tenants: {main: {limit: 0}}}}")


def test_globals_keep_their_spelling() -> None:
    assert read("kestra: {variables: {globals: {myName: 1}}}").variables.globals == {"myName": 1}


@pytest.mark.parametrize(("text", "span"), [("5s", 5), ("PT1M", 60), ("250ms", 0.25), ("2h", 7200)])
def test_spans_are_short_or_iso(text: str, span: float) -> None:
    assert read(f"kestra: {{server: {{liveness: {{timeout: {text}}}}}}}").server.liveness.timeout == timedelta(
        seconds=span
    )


def test_what_is_ignored_is_a_list_or_a_text_with_commas() -> None:
    settings = read("kestra: {ignore: {namespaces: [a, 'main|b']}}", KESTRA_IGNORE_FLOWS="main|a|b, a|c")
    assert settings.ignore.namespaces == ("a", "main|b")
    assert settings.ignore.flows == ("main|a|b", "a|c")
    with pytest.raises(ValueError, match="`b` names no flow: write"):
        read("kestra: {ignore: {flows: [b]}}")


def test_h2_means_the_embedded_database_and_is_told() -> None:
    assert "embedded" in read("kestra: {repository: {type: h2}}").notes[0]


@pytest.mark.parametrize("text", ["kestra: {queue: {type: kafka}}", "datasources: {mysql: {url: x}}"])
def test_what_is_not_supported_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedSetting, match="postgres"):
        read(text)


def test_an_address_of_another_database_is_refused() -> None:
    with pytest.raises(UnsupportedSetting, match="jdbc:postgresql"):
        postgres_dsn(Database(url="jdbc:mysql://x"))
