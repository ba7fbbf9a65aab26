"""Certificates and keys given as text become files while a connection is made."""

from pathlib import Path

from tiercel_sql.certificates import in_files

PEM = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"


def test_a_text_becomes_a_file_of_its_owner_and_goes_again() -> None:
    with in_files({"host": "h", "sslkey": f"  {PEM} ", "sslrootcert": PEM}) as found:
        key = Path(found["sslkey"])
        assert key.read_text() == f"{PEM}\n"
        assert key.stat().st_mode & 0o777 == 0o600
        assert found["host"] == "h"
        assert found["sslrootcert"] != found["sslkey"]
    assert not key.parent.exists()


def test_a_path_stays_a_path() -> None:
    with in_files({"sslrootcert": "/etc/ssl/root.pem", "sslcert": None}) as found:
        assert found == {"sslrootcert": "/etc/ssl/root.pem", "sslcert": None}
