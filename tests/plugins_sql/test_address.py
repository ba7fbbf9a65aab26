"""JDBC and libpq addresses."""

from typing import Any

import pytest

from tiercel_sql.address import connection_parameters


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        ("jdbc:postgresql://source-db:5432/analytics", {"host": "source-db", "port": "5432", "dbname": "analytics"}),
        ("postgresql://u:p%40ss@h/d", {"host": "h", "port": "5432", "dbname": "d", "user": "u", "password": "p@ss"}),
        ("jdbc:postgresql://a:1,b:2/d", {"host": "a,b", "port": "1,2", "dbname": "d"}),
        ("jdbc:postgresql:///d", {"dbname": "d"}),
        ("jdbc:postgresql://[::1]:7/d", {"host": "::1", "port": "7", "dbname": "d"}),
        (
            "jdbc:postgresql://h/d?user=me&ssl=true&currentSchema=sales",
            {
                "host": "h",
                "port": "5432",
                "dbname": "d",
                "user": "me",
                "sslmode": "require",
                "options": "-c search_path=sales",
            },
        ),
    ],
)
def test_addresses_become_libpq_parameters(url: str, parameters: dict[str, Any]) -> None:
    assert connection_parameters(url) == parameters


def test_an_address_of_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="jdbc:postgresql"):
        connection_parameters("jdbc:mysql://h/d")
