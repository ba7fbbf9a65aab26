"""The emulator does what tests of ours count on."""

import io
from typing import Any

import pytest
from google.cloud import bigquery as library
from tests.peers.bigquery import BigQuery

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]


def test_it_loads_a_file_and_answers_a_query(bigquery: BigQuery) -> None:
    bigquery.make("tried")
    module: Any = library
    config = module.LoadJobConfig(source_format="CSV", autodetect=True)
    with bigquery.client() as client:
        client.load_table_from_file(io.BytesIO(b"id,name\n1,x\n2,y\n"), "project.tried.t", job_config=config).result()
    assert bigquery.rows("SELECT * FROM tried.t ORDER BY id") == [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]


def test_a_dataset_that_is_made_again_is_empty(bigquery: BigQuery) -> None:
    bigquery.make("emptied")
    bigquery.rows("CREATE TABLE emptied.t AS SELECT 1 AS a")
    bigquery.make("emptied")
    with bigquery.client() as client:
        assert list(client.list_tables("emptied")) == []
