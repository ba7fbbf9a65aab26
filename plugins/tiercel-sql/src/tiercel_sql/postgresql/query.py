"""`io.kestra.plugin.jdbc.postgresql.Query`: one statement and its rows."""

from tiercel.sdk import RunContext
from tiercel_sql.postgresql.fetch import FetchingTask, QueryOutput


class Query(FetchingTask, type="io.kestra.plugin.jdbc.postgresql.Query"):
    """Run one query and fetch, store or count its rows."""

    example = """
id: rows_of_a_day
namespace: company.team
tasks:
  - id: extract
    type: io.kestra.plugin.jdbc.postgresql.Query
    url: jdbc:postgresql://localhost:5432/analytics
    username: reader
    password: "{{ secret('DB_PASSWORD') }}"
    sql: SELECT * FROM events
    fetchType: STORE
"""

    async def run(self, ctx: RunContext) -> QueryOutput:
        async with self.connected() as connection:
            output = await self.take(connection, self.sql, ctx)
            await self.after(connection)
        return output
