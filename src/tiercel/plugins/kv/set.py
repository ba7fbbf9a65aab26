"""`io.kestra.plugin.core.kv.Set`: writes a value under a key."""

from typing import Any

from tiercel.sdk import Duration, KvType, KvValue, NoOutput, RunContext, Task, TaskFailed, typed_value, value_of


class Set(Task[NoOutput], type="io.kestra.plugin.core.kv.Set"):
    """Write a value into the key-value store of a namespace, for other tasks, flows and executions to read."""

    example = """
        id: remember_last_run
        namespace: company.team
        tasks:
          - id: remember
            type: io.kestra.plugin.core.kv.Set
            key: last_run
            value: "{{ execution.startDate }}"
            kvType: DATETIME
            ttl: P30D
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ kv('last_run') }}"
    """

    key: str
    """The name of the value, within its namespace."""
    value: Any
    """What to keep; text, unless `kvType` says otherwise or an expression gives something else."""
    namespace: str | None = None
    """Without it, that of the flow."""
    overwrite: bool = True
    """False: fail where the key exists."""
    ttl: Duration | None = None
    """How long the value lasts; without it, for ever."""
    kv_type: KvType | None = None
    """What the value is read as."""
    kv_description: str | None = None
    """A sentence on what the key is for."""

    async def run(self, ctx: RunContext) -> None:
        await ctx.kv.put(
            self.key,
            self._typed(),
            namespace=self.namespace,
            ttl=self.ttl,
            description=self.kv_description,
            overwrite=self.overwrite,
        )

    def _typed(self) -> KvValue:
        if self.kv_type is None:
            return value_of(self.value)
        try:
            return typed_value(self.kv_type, self.value)
        except ValueError as error:
            raise TaskFailed(f"the value of the key `{self.key}` is wrong: {error}") from error
