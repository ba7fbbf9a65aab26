"""Webhooks of flows that were fine once: what is left of them answers, and whoever has no key learns nothing."""

import pytest
from tests.ports.flows_suite import a_draft
from tests.services.house import Answers

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.engine import World
from tiercel.plugins import TYPES
from tiercel.services.catalog import PluginCatalog
from tiercel.services.evaluator import Evaluator
from tiercel.services.registry import Registry
from tiercel.services.webhooks import NoSuchWebhook, WebhookClosed, Webhooks

HOOK = "{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: k1}"
TASKS = "[{id: log, type: io.kestra.plugin.core.log.Log, message: hello}]"


async def webhooks_of(*, tasks: str = TASKS, triggers: str = HOOK) -> Webhooks:
    store = MemoryFlowStore()
    source = f"id: flow\nnamespace: company.team\ntasks: {tasks}\ntriggers: [{triggers}]\n"
    await store.save(a_draft(source=source))
    registry = Registry(store, world=World(), is_instant=lambda _: False)
    await registry.load()
    return Webhooks(
        registry=registry,
        catalog=PluginCatalog(TYPES, built_in=TYPES),
        evaluator=Evaluator(Answers()),
        clock=ManualClock(),
        dice=CountedDice(),
    )


async def test_a_trigger_whose_plugin_is_gone_does_not_close_the_others() -> None:
    webhooks = await webhooks_of(triggers=f"{{id: gone, type: io.test.Gone}}, {HOOK}")
    assert (await webhooks.find("main", "company.team", "flow", "k1")).trigger.id == "hook"


async def test_a_key_that_cannot_be_rendered_opens_nothing_and_does_not_close_the_others() -> None:
    broken = "{id: broken, type: io.kestra.plugin.core.trigger.Webhook, key: '{{ envs.nope }}'}"
    webhooks = await webhooks_of(triggers=f"{broken}, {HOOK}")
    assert (await webhooks.find("main", "company.team", "flow", "k1")).trigger.id == "hook"
    with pytest.raises(NoSuchWebhook):
        await webhooks.find("main", "company.team", "flow", "k2")


async def test_a_flow_that_cannot_be_read_is_told_to_who_has_the_key_alone() -> None:
    webhooks = await webhooks_of(tasks="none at all")
    with pytest.raises(WebhookClosed):
        await webhooks.find("main", "company.team", "flow", "k1")
    with pytest.raises(NoSuchWebhook):
        await webhooks.find("main", "company.team", "flow", "k2")
