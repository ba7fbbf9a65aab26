"""The acceptance flow's world: where it reads from, where it writes to, a server with a clock that is moved by hand.

Only names are bound from outside: `source-db` by libpq's PGHOSTADDR, BigQuery by BIGQUERY_EMULATOR_HOST.
"""

from collections.abc import Generator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.acceptance.clock import MovedClock
from tests.acceptance.pipeline import Pipeline
from tests.acceptance.source import Source, a_source
from tests.adapters.postgres.server import Server as Postgres
from tests.adapters.postgres.server import open_folder, running_server
from tests.peers.bigquery import BigQuery
from tests.peers.environment import cache
from tests.peers.fixtures import bigquery
from tests.peers.postgres import programs
from tests.server import database, settings_for, threaded

__all__ = ["bigquery"]

ZONE = ZoneInfo("Pacific/Auckland")
NOW = datetime(2026, 3, 10, 13, 30, tzinfo=UTC)
"""The 11th of March, 02:30, where the server is; in UTC it is still the 10th."""
TODAY = date(2026, 3, 11)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder needs real servers, and now and then an environment with pandas."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.peers)
            item.add_marker(pytest.mark.timeout(400))


@pytest.fixture(scope="session")
def postgres() -> Generator[Postgres]:
    """The server's own database."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def running_source() -> Generator[Source]:
    if programs() is None:
        pytest.skip("Debian's package postgresql is not installed")
    with open_folder() as folder, a_source(folder) as source:
        yield source


@pytest.fixture
def source(running_source: Source) -> Source:
    """Three rows of each of three days."""
    running_source.fill(TODAY)
    return running_source


@pytest.fixture
def target(bigquery: BigQuery) -> BigQuery:
    """The emulator with an empty dataset `dataset`."""
    bigquery.make("dataset")
    return bigquery


@pytest.fixture
def bound(source: Source, target: BigQuery, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment that binds the flow's names, of this process too."""
    bindings = {"PGHOSTADDR": source.host, "PGUSER": "postgres", "BIGQUERY_EMULATOR_HOST": target.host}
    for name, value in bindings.items():
        monkeypatch.setenv(name, value)
    return bindings


@pytest.fixture
def home() -> Generator[Path]:
    """A folder for the server's state. Environments of scripts are kept for later runs: they take a minute to build."""
    with open_folder() as folder:
        kept = cache() / "state"
        kept.mkdir(parents=True, exist_ok=True)
        (folder / "work").mkdir()
        (folder / "work/state").symlink_to(kept)
        yield folder


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(NOW)


@pytest.fixture
def pipeline(
    postgres: Postgres, home: Path, bound: dict[str, str], clock: MovedClock, checkout: Path
) -> Generator[Pipeline]:
    """A server on that clock, with the flow deployed."""
    with database(postgres) as dsn:
        settings = settings_for(dsn, home, tiercel={"home": str(home), "timezone": ZONE.key})
        with threaded(settings, clock=clock) as server, Pipeline(server.url) as pipeline:
            pipeline.deploy_file(checkout / "examples/etl_pipeline.yaml")
            yield pipeline
