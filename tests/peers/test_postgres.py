"""The server of Debian's packages does what tests of ours count on."""

import psycopg
import pytest
from tests.adapters.postgres.server import open_folder
from tests.peers.postgres import a_postgres
from tests.peers.process import free_port, is_open

pytestmark = pytest.mark.peers


def test_it_answers_over_tcp_without_a_password(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT inet_server_addr() IS NOT NULL").fetchone() == (True,)


def test_its_data_outlive_a_stop_and_it_is_gone_after_it(postgres: str) -> None:
    with open_folder() as folder:
        port = free_port()
        with a_postgres(folder, host="127.0.0.1", port=port) as address, psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        assert not is_open("127.0.0.1", port)
        with a_postgres(folder, host="127.0.0.1", port=port) as address, psycopg.connect(address) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
