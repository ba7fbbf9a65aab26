"""The environment of scripts that name no packages, as it is built for real: half a minute, and 200 MB to download."""

from pathlib import Path

import pytest
from tests.plugins_scripts.scripts import PYTHON, a_shop

from tiercel.model.states import State

SCRIPT = """
import boto3, duckdb, numpy, pandas as pd, polars, pyarrow, requests
from kestra import Kestra

frame = pd.read_csv('{{ inputs.uri }}')
frame.to_csv('{{ outputDir }}/copy.csv', index=False)
Kestra.outputs({"rows": len(frame), "total": int(frame.n.sum())})
Kestra.counter("rows", len(frame))
assert pd.__cached__ and __import__("os").path.exists(pd.__cached__)
"""


@pytest.mark.peers
@pytest.mark.timeout(300)
async def test_data_work_needs_no_packages_to_be_named(tmp_path: Path) -> None:
    async with a_shop(tmp_path, data_environment=None) as shop:
        uri = await shop.keep("rows.csv", b"n\n1\n2\n")
        outcome = await shop.begin(PYTHON, script=SCRIPT, variables={"inputs": {"uri": uri}}).outcome()
        assert outcome.state is State.SUCCESS, await shop.lines()
        assert (outcome.outputs or {})["vars"] == {"rows": 2, "total": 3}
        assert await shop.files(outcome) == {"copy.csv": "n\n1\n2\n"}
        assert await shop.metrics() == [("counter", "rows", 2, {})]
        missing = await shop.run(PYTHON, script="import sklearn")
        assert "'sklearn' is not there; add the package that brings it to `dependencies`" in str(missing.error)
