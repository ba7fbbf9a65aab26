"""A result without rows has its columns all the same: whoever reads the file next counts on a header."""

from typing import Any

import pytest
from tests.plugins_sql.conftest import Source


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("SELECT 1 AS id, 'x' AS \"two words\" WHERE false", None),
        ("SELECT 1 AS id, 'x' AS \"two words\" WHERE :n > 3", {"n": 1}),
        ("WITH none AS (SELECT 1 AS id, 'x' AS \"two words\") SELECT * FROM none WHERE id = 2", None),
    ],
)
async def test_the_file_has_a_header(source: Source, sql: str, parameters: dict[str, Any] | None) -> None:
    given = await source.run(sql=sql, store=True, parameters=parameters)
    assert (await source.text(given["uri"]), given["size"]) == ("id,two words\n", 0)
