"""What every role of a server stands on: database, storage, registry, catalog, worker's tools; built once, in order."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tiercel.adapters.dice import SystemDice
from tiercel.adapters.disk import free_share, state_folder
from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.database import prepare
from tiercel.adapters.postgres.embedded import EmbeddedPostgres
from tiercel.adapters.postgres.flows import PostgresFlowStore
from tiercel.adapters.postgres.kv import PostgresKvStore
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.logs import PostgresLogStore
from tiercel.adapters.postgres.namespace_files import PostgresNamespaceFileIndex
from tiercel.adapters.postgres.reader import PostgresReader
from tiercel.adapters.postgres.secrets import PostgresSecretStore
from tiercel.adapters.postgres.templates import PostgresTemplateStore
from tiercel.adapters.postgres.triggers import PostgresTriggerStore
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.app.values import defaults_of, dsn_of, rooms_of, storage_of, world_of, zone_of
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.services.broadcaster import Broadcaster, TailedLogs
from tiercel.services.catalog import PluginCatalog
from tiercel.services.creator import Creator
from tiercel.services.deployment import Deployment
from tiercel.services.evaluator import Evaluator
from tiercel.services.host import WorldHost
from tiercel.services.log_writer import LogWriter
from tiercel.services.namespace_files import NamespaceFiles
from tiercel.services.office import Office
from tiercel.services.purge import Purge
from tiercel.services.registry import Registry
from tiercel.services.run_task import TaskRunner
from tiercel.services.schedules import Schedules
from tiercel.services.secrets import Secrets
from tiercel.services.templates import Templates
from tiercel.services.workplace import Workplace
from tiercel.settings import Settings

VERSION = version("tiercel")
LEAST_FREE_DISK = 0.05
POOL = 10


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What every role stands on."""

    settings: Settings
    clock: Clock
    dice: Dice
    zone: ZoneInfo
    home: Path
    dsn: str
    database: Any
    """The pool of connections."""
    listener: Listener
    flows: PostgresFlowStore
    template_store: PostgresTemplateStore
    templates: Templates
    reader: PostgresReader
    triggers: PostgresTriggerStore
    logs: TailedLogs
    broadcaster: Broadcaster
    storage: ObjectStorage
    secrets: Secrets
    catalog: PluginCatalog
    registry: Registry
    evaluator: Evaluator
    creator: Creator
    runner: TaskRunner
    office: Office
    purge: Purge
    deployment: Deployment
    schedules: Schedules

    def free_disk(self) -> float:
        """The free part of the disk that the server's state lies on."""
        return free_share(self.home)

    def has_disk(self) -> bool:
        """Whether there is room for more work."""
        return self.free_disk() >= LEAST_FREE_DISK


async def lay_foundation(
    settings: Settings, stack: AsyncExitStack, *, clock: Clock, environment: Mapping[str, str]
) -> Foundation:
    home = Path(settings.home) if settings.home else state_folder(environment)
    home.mkdir(parents=True, exist_ok=True)
    dsn = dsn_of(settings.database) or await stack.enter_async_context(EmbeddedPostgres(home / "postgres"))
    await prepare(dsn, clock=clock, patience=settings.database_wait)
    database = await stack.enter_async_context(pool(dsn, size=POOL))
    listener = await stack.enter_async_context(Listener(dsn))
    dice, zone, broadcaster, catalog = SystemDice(), zone_of(settings), Broadcaster(), PluginCatalog.installed()
    store = PostgresLogStore(dsn, database)
    stack.push_async_callback(store.close)
    logs = TailedLogs(store, broadcaster)
    storage = storage_of(settings, home)
    namespace_files = NamespaceFiles(PostgresNamespaceFileIndex(database), storage, clock=clock)
    kv = PostgresKvStore(database)
    flows, world = PostgresFlowStore(database, listener), world_of(settings, zone, environment)
    secrets = Secrets(
        PostgresSecretStore(database, listener), environment=environment, clock=clock, dice=dice, cipher=world.cipher
    )
    await secrets.watch()
    host = WorldHost(storage=storage, logs=logs, clock=clock, secrets=secrets, kv=kv, files=namespace_files)
    evaluator = Evaluator(host)
    template_store = PostgresTemplateStore(database, listener)
    templates = Templates(template_store)
    defaults = defaults_of(settings, catalog)
    registry = Registry(
        flows,
        world=world,
        is_instant=catalog.is_instant,
        defaults=defaults,
        rooms=rooms_of(settings),
        templates=templates,
    )
    await registry.load()
    writer = await stack.enter_async_context(LogWriter(logs, clock=clock))
    workplace = Workplace(
        storage=storage,
        kv=kv,
        namespace_files=namespace_files,
        logs=logs,
        writer=writer,
        world=host,
        clock=clock,
        cipher=world.cipher,
        limits=world.limits,
        folder=settings.work_folder(home),
        configuration=settings.of_plugins,
    )
    reader = PostgresReader(database)
    return Foundation(
        settings=settings,
        clock=clock,
        dice=dice,
        zone=zone,
        home=home,
        dsn=dsn,
        database=database,
        listener=listener,
        flows=flows,
        template_store=template_store,
        templates=templates,
        reader=reader,
        purge=Purge(reader=reader, logs=logs, storage=storage),
        triggers=PostgresTriggerStore(database, listener),
        logs=logs,
        broadcaster=broadcaster,
        storage=storage,
        secrets=secrets,
        catalog=catalog,
        registry=registry,
        evaluator=evaluator,
        creator=Creator(registry=registry, evaluator=evaluator, clock=clock, dice=dice),
        runner=TaskRunner(catalog, workplace),
        office=workplace.office,
        deployment=Deployment(store=flows, registry=registry, catalog=catalog, clock=clock, defaults=defaults),
        schedules=Schedules(registry=registry, flows=flows, catalog=catalog, zone=zone),
    )
