"""The flow started by hand, at an hour when the server's day is another one than that of UTC."""

from typing import Any

import pytest
from tests.acceptance.pipeline import Pipeline
from tests.acceptance.source import TOKEN
from tests.api.client import good
from tests.peers.bigquery import BigQuery

IDS = "SELECT id FROM dataset.events ORDER BY id"
YESTERDAY = [{"id": 11}, {"id": 12}, {"id": 13}]
EXTRACTED = f"""id,date,name,note,payload,tags,raw,token,span,amount,at
11,2026-03-10,"says ""hello, world""
and leaves; é ✓","","{{""a"":[1,null],""b"":""x,y""}}","[""a"",""b\\""c"",null]",AP8=,{TOKEN},P1DT2H3M4.5S,\
12345678901234567890.1234567890,2026-03-10 10:34:56.789000+00:00
12,2026-03-10,plain,note,[],[],aGk=,{TOKEN},PT0H0M1S,12.5000000000,2026-03-10 10:34:56.789000+00:00
13,2026-03-10,,,,,,,,,
"""
LONG_AGO = "2020-02-29"


def states(execution: Any) -> dict[str, str]:
    return {run["taskId"]: run["state"]["current"] for run in execution["taskRunList"]}


def same(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two rows are the same; pandas writes a long number its own way."""
    amounts = [float(row["amount"] or 0) for row in (one, other)]
    return amounts[0] == amounts[1] and {**one, "amount": ""} == {**other, "amount": ""}


def test_yesterday_by_the_servers_clock_and_zone_is_loaded(pipeline: Pipeline, target: BigQuery) -> None:
    execution = pipeline.ran()
    assert "\n".join(pipeline.messages(execution, "ERROR")) == ""
    assert states(execution) == {"extract": "SUCCESS", "transform": "SUCCESS", "load": "SUCCESS"}
    assert execution["state"]["current"] == "SUCCESS"
    assert execution["inputs"] == {"date": "2026-03-10"}
    assert target.rows(IDS) == YESTERDAY
    assert target.rows("SELECT DISTINCT date FROM dataset.events")[0]["date"].isoformat() == "2026-03-10"
    assert target.rows("SELECT count(*) AS n FROM dataset.events WHERE processed_at IS NULL") == [{"n": 0}]


def test_the_files_of_both_steps_can_be_downloaded_and_hold_the_same_rows(pipeline: Pipeline) -> None:
    execution = pipeline.ran()
    extract, transform = pipeline.outputs(execution, "extract"), pipeline.outputs(execution, "transform")
    assert extract["size"] == 3
    assert pipeline.file(execution, extract["uri"]).decode() == EXTRACTED
    before = pipeline.records(execution, extract["uri"])
    after = pipeline.records(execution, transform["outputFiles"]["transformed.csv"])
    assert all(row.pop("processed_at") for row in after)
    assert len(before) == len(after) == 3
    assert all(map(same, before, after))


def test_another_execution_may_not_read_them(pipeline: Pipeline) -> None:
    mine, other = pipeline.ran(), pipeline.ran(date=LONG_AGO)
    uri = pipeline.outputs(mine, "extract")["uri"]
    answer = pipeline.ask("GET", f"/executions/{other['id']}/file", params={"path": uri})
    assert answer.status_code in (403, 404, 422)


def test_a_day_can_be_given(pipeline: Pipeline, target: BigQuery) -> None:
    execution = pipeline.ran(date="2026-03-09")
    assert execution["inputs"] == {"date": "2026-03-09"}
    assert target.rows(IDS) == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_a_day_that_is_none_is_refused_before_anything_runs(pipeline: Pipeline) -> None:
    path = "/executions/data.production/etl_pipeline"
    answer = pipeline.ask("POST", path, files={"date": (None, "2026-03-10' OR true --")})
    assert answer.status_code == 422
    assert pipeline.executions() == []


def test_a_second_run_appends(pipeline: Pipeline, target: BigQuery) -> None:
    pipeline.ran()
    execution = pipeline.ran()
    assert execution["state"]["current"] == "SUCCESS"
    assert target.rows(IDS) == [row for row in YESTERDAY for _ in range(2)]


def test_a_day_without_events_creates_no_table(pipeline: Pipeline, target: BigQuery) -> None:
    execution = pipeline.ran(date=LONG_AGO)
    assert "\n".join(pipeline.messages(execution, "ERROR")) == ""
    assert execution["state"]["current"] == "SUCCESS"
    assert pipeline.outputs(execution, "extract")["size"] == 0
    assert pipeline.outputs(execution, "load")["rows"] == 0
    assert any("nothing was created" in message for message in pipeline.messages(execution, "WARN"))
    with target.client() as client:
        assert list(client.list_tables("dataset")) == []


def test_a_day_without_events_adds_nothing_to_a_table(pipeline: Pipeline, target: BigQuery) -> None:
    pipeline.ran()
    execution = pipeline.ran(date=LONG_AGO)
    assert "\n".join(pipeline.messages(execution, "ERROR")) == ""
    assert execution["state"]["current"] == "SUCCESS"
    assert pipeline.outputs(execution, "load")["rows"] == 0
    assert target.rows(IDS) == YESTERDAY


@pytest.mark.parametrize("task_id", ["extract", "transform", "load"])
def test_the_outputs_of_each_task_can_be_read(pipeline: Pipeline, task_id: str) -> None:
    execution = pipeline.ran()
    index = good(pipeline.ask("GET", f"/outputs/{execution['id']}")).json()
    assert task_id in {entry["taskId"] for entry in index}
    names = {
        "extract": {"uri", "size"},
        "transform": {"exitCode", "outputFiles", "vars"},
        "load": {"jobId", "destinationTable", "rows"},
    }
    assert names[task_id] <= set(pipeline.outputs(execution, task_id))
