"""The HTTP side of a running server: the API's resources, the web UI, and who may ask."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from tiercel.adapters.postgres.changes import PostgresChanges
from tiercel.adapters.postgres.connection import LOST
from tiercel.adapters.postgres.settings_store import PostgresSettingsStore
from tiercel.api.application import Application
from tiercel.api.approvals import Approvals
from tiercel.api.concurrency import ConcurrencyLimits
from tiercel.api.configs import Configs, Configuration
from tiercel.api.evaluations import Evaluations
from tiercel.api.events import Events
from tiercel.api.execution_bulk import ExecutionBulk
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.execution_verbs import ExecutionVerbs
from tiercel.api.executions import Executions
from tiercel.api.flows import Flows
from tiercel.api.graphs import Graphs
from tiercel.api.guard import Guard, Login
from tiercel.api.health import HealthRoutes, Part
from tiercel.api.links import Links
from tiercel.api.logs import Logs
from tiercel.api.namespaces import Namespaces
from tiercel.api.outputs import Outputs
from tiercel.api.plugins import Plugins
from tiercel.api.preflights import Preflights
from tiercel.api.relatives import RelativeRoutes
from tiercel.api.replay_previews import ReplayPreviews
from tiercel.api.secrets import SecretRoutes
from tiercel.api.templates import TemplateRoutes
from tiercel.api.trigger_verbs import TriggerVerbs
from tiercel.api.triggers import Triggers
from tiercel.api.web import WebUi
from tiercel.api.webhook import WebhookRoute
from tiercel.api.why import WhyRoute
from tiercel.app.foundation import LEAST_FREE_DISK, VERSION, Foundation
from tiercel.app.loops import lasting
from tiercel.app.roles import Running
from tiercel.app.values import cipher_of, is_loopback
from tiercel.model.errors import TiercelError
from tiercel.services.account import Gatekeeper, Made, configured, stored
from tiercel.services.backfills import Backfills
from tiercel.services.evaluation import Evaluation
from tiercel.services.explainer import Explainer
from tiercel.services.followers import Followers
from tiercel.services.foresight import Foresight
from tiercel.services.history import Histories
from tiercel.services.operations import Operations
from tiercel.services.relatives import Relatives
from tiercel.services.resuming import Resuming
from tiercel.services.schemas import PluginSchemas
from tiercel.services.switches import Switches
from tiercel.services.task_properties import TaskProperties
from tiercel.services.uploads import Uploads
from tiercel.services.verbs import Verbs
from tiercel.services.webhooks import Webhooks


async def application(base: Running) -> tuple[Application, Made | None]:
    """The API and the UI of a running server, and the account that was made for it, if one was."""
    foundation, settings = base.foundation, base.foundation.settings
    gatekeeper, made = await _gatekeeper(foundation)
    guard = Guard(gatekeeper, open_prefixes=settings.server.basic_auth.open_urls)
    links = Links(settings.url)
    executions = ExecutionReader(foundation.reader, foundation.storage)
    followers = _followers(base)
    clock, dice, registry = foundation.clock, foundation.dice, foundation.registry
    backfills = Backfills(foundation.triggers, dates=foundation.schedules, clock=clock)
    webhooks = Webhooks(
        registry=registry, catalog=foundation.catalog, evaluator=foundation.evaluator, clock=clock, dice=dice
    )
    evaluation = Evaluation(
        reader=foundation.reader,
        registry=registry,
        evaluator=foundation.evaluator,
        storage=foundation.storage,
        clock=clock,
        dice=dice,
    )
    evaluations = Evaluations(evaluation=evaluation, executions=executions)
    uploads = Uploads(foundation.storage, foundation.creator)
    resuming = Resuming(registry, foundation.evaluator, clock=clock, dice=dice)
    execution_verbs = ExecutionVerbs(
        door=base.door,
        executions=executions,
        creator=foundation.creator,
        resuming=resuming,
        uploads=uploads,
        purge=foundation.purge,
    )
    operations = Operations(spawn=base.spawn, dice=dice)
    resources = (
        Flows(store=foundation.flows, registry=registry, deployment=foundation.deployment),
        Executions(
            door=base.door,
            reader=foundation.reader,
            executions=executions,
            followers=followers,
            uploads=uploads,
            links=links,
            old_verbs={**execution_verbs.old_verbs, "eval": evaluations.within_execution},
        ),
        execution_verbs,
        Approvals(door=base.door, executions=executions, resuming=resuming, uploads=uploads),
        evaluations,
        RelativeRoutes(relatives=Relatives(foundation.reader), executions=executions, followers=followers),
        ExecutionBulk(
            verbs=Verbs(base.door),
            reader=foundation.reader,
            registry=registry,
            operations=operations,
            purge=foundation.purge,
        ),
        Preflights(creator=foundation.creator, resuming=resuming, executions=executions, uploads=uploads),
        Outputs(reader=foundation.reader, executions=executions, storage=foundation.storage),
        Events(histories=_histories(foundation), executions=executions),
        WhyRoute(explainer=_explainer(foundation, evaluation), executions=executions),
        ReplayPreviews(
            foresight=Foresight(reader=foundation.reader, registry=registry, clock=clock), executions=executions
        ),
        Logs(logs=foundation.logs, executions=executions, followers=followers),
        Graphs(registry=registry, triggers=foundation.triggers, reader=foundation.reader, executions=executions),
        Triggers(store=foundation.triggers, registry=registry, backfills=backfills),
        TriggerVerbs(
            store=foundation.triggers,
            switches=Switches(foundation.triggers, dates=foundation.schedules, clock=clock),
            backfills=backfills,
            operations=operations,
        ),
        Namespaces(flows=foundation.flows),
        SecretRoutes(secrets=foundation.secrets),
        TemplateRoutes(store=foundation.template_store, templates=foundation.templates, clock=clock),
        ConcurrencyLimits(registry=registry, reader=foundation.reader),
        Plugins(PluginSchemas(foundation.catalog)),
        Configs(await _configuration(foundation, asks=guard.asks)),
        Login(guard, is_secure=(settings.url or "").startswith("https:")),
        HealthRoutes(_checks(base)),
    )
    hook = WebhookRoute(
        webhooks=webhooks,
        door=base.door,
        executions=executions,
        followers=followers,
        evaluation=evaluation,
        uploads=uploads,
        links=links,
    )
    return Application(resources, webhook=hook, web=WebUi(), guard=guard, context_path=settings.http.context_path), made


def _histories(base: Foundation) -> Histories:
    return Histories(
        reader=base.reader,
        registry=base.registry,
        runner=base.runner,
        storage=base.storage,
        cipher=cipher_of(base.settings),
    )


def _explainer(base: Foundation, evaluation: Evaluation) -> Explainer:
    properties = TaskProperties(base.catalog, base.evaluator, cipher=cipher_of(base.settings))
    return Explainer(
        reader=base.reader,
        registry=base.registry,
        logs=base.logs,
        histories=_histories(base),
        evaluation=evaluation,
        properties=properties,
    )


def _followers(base: Running) -> Followers:
    """Who has the executor hears its commits; who has not is told of them by it."""
    foundation = base.foundation
    changes = None if base.executor else PostgresChanges(foundation.database, foundation.listener)
    followers = Followers(reader=foundation.reader, broadcaster=foundation.broadcaster, changes=changes)
    base.spawn(lasting(foundation, followers.hear))
    return followers


async def _gatekeeper(base: Foundation) -> tuple[Gatekeeper | None, Made | None]:
    """Nobody is asked on loopback. Elsewhere the configured account, or one that is made at the first start."""
    wanted = base.settings.server.basic_auth
    if wanted.username and wanted.password and wanted.enabled:
        return configured(wanted.username, wanted.password), None
    if is_loopback(base.settings.http.host):
        return None, None
    return await stored(PostgresSettingsStore(base.database))


async def _configuration(base: Foundation, *, asks: bool) -> Configuration:
    store = PostgresSettingsStore(base.database)
    await store.put_new("instance", secrets.token_hex(11).encode())
    identity = (await store.get("instance") or b"").decode()
    preview = base.settings.server.preview
    environment = base.settings.environment
    return Configuration(
        uuid=identity,
        version=VERSION,
        url=base.settings.url,
        environment={"name": environment} if environment else None,
        is_basic_auth_initialized=asks,
        is_login_required=asks,
        preview={"initial": preview.initial_rows, "max": preview.max_rows},
    )


def _checks(base: Running) -> dict[str, Callable[[], Awaitable[Part]]]:
    async def database() -> Part:
        try:
            await base.foundation.database.fetchval("SELECT 1", timeout=5)
        except (TiercelError, asyncpg.PostgresError, *LOST) as error:
            return Part("DOWN", {"reason": str(error) or type(error).__name__})
        return Part("UP")

    async def disk() -> Part:
        free = round(100 * base.foundation.free_disk(), 1)
        details: dict[str, Any] = {"freePercent": free}
        if not base.has_disk():
            details["reason"] = f"less than {LEAST_FREE_DISK:.0%} of the disk is free: no new task is started"
        return Part("UP" if base.has_disk() else "DOWN", details)

    return {"database": database, "disk": disk}
