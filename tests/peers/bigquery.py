"""The BigQuery emulator from the package index: REST, load jobs and queries, on DuckDB. Everything is in its memory.

Not to be concluded from it: `output_rows` of an append is the table's total, columns match by position, quoted line breaks
and an undeclared header are taken, a job id is taken twice and the id of an upload is not kept, a query does not write to its
destination table.
"""

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.peers.environment import environment
from tests.peers.process import a_process, free_port, is_open

PACKAGES = ("bqemulator==1.4.0", "duckdb==1.5.5", "duckdb-extension-spatial==1.5.5", "numpy")
PROJECT = "project"
HOST = "127.0.0.1"


class BigQuery:
    """Where it is, and a client to look into it."""

    def __init__(self, host: str) -> None:
        self.host = host
        """For BIGQUERY_EMULATOR_HOST: without a scheme, as people write it."""

    def client(self) -> Any:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        library: Any = bigquery
        anonymous: Any = AnonymousCredentials
        return library.Client(
            project=PROJECT, credentials=anonymous(), client_options={"api_endpoint": f"http://{self.host}"}
        )

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a query gives."""
        with self.client() as client:
            return [dict(row.items()) for row in client.query(sql).result()]

    def make(self, dataset: str) -> None:
        """An empty dataset; what was in one of that name is gone."""
        with self.client() as client:
            client.delete_dataset(dataset, delete_contents=True, not_found_ok=True)
            client.create_dataset(dataset)


@contextmanager
def a_bigquery(folder: Path) -> Generator[BigQuery]:
    """An emulator while the block lasts; its log and its home are in the folder. Raises CannotBeHad."""
    python = environment("bigquery", PACKAGES) / "bin/python"
    _bring_extensions(python, folder)
    port = free_port(HOST)
    command = [python, "-m", "bqemulator", "start", "--project", PROJECT, "--log-level", "warning"]
    ports = ["--rest-port", str(port), "--grpc-port", str(free_port(HOST))]
    surroundings = {"HOME": str(folder), "TMPDIR": str(folder)}
    with a_process(
        [*command, *ports],
        log=folder / "bigquery.log",
        answers=lambda: is_open(HOST, port),
        environment=surroundings,
    ):
        yield BigQuery(f"{HOST}:{port}")


def _bring_extensions(python: Path, home: Path) -> None:
    """DuckDB looks for extensions in the home folder and would download them: they came with a package."""
    ask = "import duckdb; print(duckdb.__version__, duckdb.sql('PRAGMA platform').fetchone()[0])"
    version, platform = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
    target = home / ".duckdb/extensions" / f"v{version}" / platform
    target.mkdir(parents=True, exist_ok=True)
    for extension in python.parents[1].glob(f"lib/*/site-packages/*/extensions/v{version}/*.duckdb_extension"):
        shutil.copy(extension, target)
