"""The compose file that people deploy with: its configuration, word for word, against a database that comes later."""

import os
from collections.abc import Generator
from pathlib import Path

import httpx2
import psycopg
import pytest
import yaml
from tests.acceptance.test_kill import Wrapped
from tests.adapters.postgres.server import open_folder
from tests.peers.postgres import a_postgres
from tests.server import free_port

HOST = "127.0.0.3"


@pytest.fixture
def configuration(checkout: Path) -> str:
    """The text under KESTRA_CONFIGURATION."""
    compose = yaml.safe_load((checkout / "deploy/docker-compose.yml").read_text())
    return compose["services"]["tiercel"]["environment"]["KESTRA_CONFIGURATION"]


@pytest.fixture
def base_path() -> Generator[Path]:
    """The storage folder that the text names; only its mount point is made on the machine, and taken away again."""
    folder = Path("/app/storage")
    made = [each for each in (folder, folder.parent) if not each.exists()]
    if os.geteuid() != 0:
        pytest.skip("a hosts file of its own needs a mount namespace, which only root can make")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    for each in made:
        each.rmdir()


@pytest.fixture
def wrapper(tmp_path: Path, base_path: Path) -> list[str]:
    """A mount namespace in which `postgres` is a host, as it is for the containers of the compose file."""
    hosts, storage = tmp_path / "hosts", tmp_path / "storage"
    hosts.write_text(f"127.0.0.1 localhost\n{HOST} postgres\n")
    storage.mkdir()
    bound = f'mount --bind "{storage}" "{base_path}" && mount --bind "$0" /etc/hosts && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", bound, str(hosts)]


def test_the_compose_configuration_comes_up_when_its_database_does(
    configuration: str, wrapper: list[str], tmp_path: Path
) -> None:
    environment = {"KESTRA_CONFIGURATION": configuration, "TIERCEL_HOME": str(tmp_path / "home")}
    server = Wrapped(wrapper, "standalone", "--port", str(free_port()), environment=environment)
    with open_folder() as folder:
        prepare(folder)
        with server.begun(), a_postgres(folder, host=HOST, port=5432):
            server.until(" is up")
            assert httpx2.get(f"{server.url}/health", trust_env=False).json()["status"] == "UP"
            assert "postgres:5432" in server.until("database")
            server.stop()


def prepare(folder: Path) -> None:
    """What the image of PostgreSQL makes at its first start: the role and the database of the compose file."""
    with (
        a_postgres(folder, host=HOST, port=free_port()) as address,
        psycopg.connect(address, autocommit=True) as connection,
    ):
        connection.execute("CREATE ROLE kestra LOGIN SUPERUSER PASSWORD 'kestra'")
        connection.execute("CREATE DATABASE kestra OWNER kestra")
