"""What the API of a running server answers with: each resource, given what it stands on."""

from tiercel.adapters.postgres.changes import PostgresChanges
from tiercel.api.approvals import Approvals
from tiercel.api.concurrency import ConcurrencyLimits
from tiercel.api.evaluations import Evaluations
from tiercel.api.events import Events
from tiercel.api.execution_bulk import ExecutionBulk
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.execution_verbs import ExecutionVerbs
from tiercel.api.executions import Executions
from tiercel.api.flows import Flows
from tiercel.api.graphs import Graphs
from tiercel.api.links import Links
from tiercel.api.logs import Logs
from tiercel.api.namespaces import Namespaces
from tiercel.api.outputs import Outputs
from tiercel.api.plugins import Plugins
from tiercel.api.preflights import Preflights
from tiercel.api.relatives import RelativeRoutes
from tiercel.api.replay_previews import ReplayPreviews
from tiercel.api.secrets import SecretRoutes
from tiercel.api.template_bulk import TemplateBulkRoutes
from tiercel.api.templates import TemplateRoutes
from tiercel.api.trigger_verbs import TriggerVerbs
from tiercel.api.triggers import Triggers
from tiercel.api.webhook import WebhookRoute
from tiercel.api.why import WhyRoute
from tiercel.app.loops import lasting
from tiercel.app.roles import Running
from tiercel.app.values import cipher_of
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


class Resources:
    """Built once for a server; what several resources share is made here."""

    def __init__(self, base: Running) -> None:
        foundation = base.foundation
        self._base = base
        self._foundation = foundation
        self._links = Links(foundation.settings.url)
        self._executions = ExecutionReader(foundation.reader, foundation.storage)
        self.followers = _followers(base)
        self._backfills = Backfills(foundation.triggers, dates=foundation.schedules, clock=foundation.clock)
        self._evaluation = Evaluation(
            reader=foundation.reader,
            registry=foundation.registry,
            evaluator=foundation.evaluator,
            storage=foundation.storage,
            clock=foundation.clock,
            dice=foundation.dice,
        )
        self._histories = Histories(
            reader=foundation.reader,
            registry=foundation.registry,
            runner=foundation.runner,
            storage=foundation.storage,
            cipher=cipher_of(foundation.settings),
        )
        self._uploads = Uploads(foundation.storage, foundation.creator)
        self._resuming = Resuming(
            foundation.registry, foundation.evaluator, clock=foundation.clock, dice=foundation.dice
        )
        self._operations = Operations(spawn=base.spawn, dice=foundation.dice)

    def all(self) -> tuple[object, ...]:
        """For the application, which finds their routes."""
        return (*self._flows(), *self._verbs(), *self._insights(), *self._triggers(), *self._namespaces())

    def webhook(self) -> WebhookRoute:
        """Which is asked before all others."""
        foundation = self._foundation
        webhooks = Webhooks(
            registry=foundation.registry,
            catalog=foundation.catalog,
            evaluator=foundation.evaluator,
            clock=foundation.clock,
            dice=foundation.dice,
        )
        return WebhookRoute(
            webhooks=webhooks,
            door=self._base.door,
            executions=self._executions,
            followers=self.followers,
            evaluation=self._evaluation,
            uploads=self._uploads,
            links=self._links,
        )

    def _flows(self) -> tuple[object, ...]:
        foundation = self._foundation
        return (
            Flows(store=foundation.flows, registry=foundation.registry, deployment=foundation.deployment),
            Graphs(
                registry=foundation.registry,
                triggers=foundation.triggers,
                reader=foundation.reader,
                executions=self._executions,
            ),
            TemplateRoutes(store=foundation.template_store, templates=foundation.templates, clock=foundation.clock),
            TemplateBulkRoutes(store=foundation.template_store, templates=foundation.templates, clock=foundation.clock),
            Plugins(PluginSchemas(foundation.catalog)),
        )

    def _verbs(self) -> tuple[object, ...]:
        """What is done to executions."""
        foundation, door, executions = self._foundation, self._base.door, self._executions
        verbs = ExecutionVerbs(
            door=door,
            executions=executions,
            creator=foundation.creator,
            resuming=self._resuming,
            uploads=self._uploads,
            purge=foundation.purge,
        )
        evaluations = Evaluations(evaluation=self._evaluation, executions=executions)
        return (
            Executions(
                door=door,
                reader=foundation.reader,
                executions=executions,
                followers=self.followers,
                uploads=self._uploads,
                links=self._links,
                old_verbs={**verbs.old_verbs, "eval": evaluations.within_execution},
            ),
            verbs,
            Approvals(door=door, executions=executions, resuming=self._resuming, uploads=self._uploads),
            evaluations,
            ExecutionBulk(
                verbs=Verbs(door),
                reader=foundation.reader,
                registry=foundation.registry,
                operations=self._operations,
                purge=foundation.purge,
            ),
            Preflights(
                creator=foundation.creator, resuming=self._resuming, executions=executions, uploads=self._uploads
            ),
        )

    def _insights(self) -> tuple[object, ...]:
        """What is read of executions."""
        foundation, executions = self._foundation, self._executions
        foresight = Foresight(reader=foundation.reader, registry=foundation.registry, clock=foundation.clock)
        return (
            RelativeRoutes(relatives=Relatives(foundation.reader), executions=executions, followers=self.followers),
            Outputs(reader=foundation.reader, executions=executions, storage=foundation.storage),
            Events(histories=self._histories, executions=executions),
            WhyRoute(explainer=self._explainer(), executions=executions),
            ReplayPreviews(foresight=foresight, executions=executions),
            Logs(logs=foundation.logs, executions=executions, followers=self.followers),
        )

    def _explainer(self) -> Explainer:
        foundation = self._foundation
        cipher = cipher_of(foundation.settings)
        return Explainer(
            reader=foundation.reader,
            registry=foundation.registry,
            logs=foundation.logs,
            histories=self._histories,
            evaluation=self._evaluation,
            properties=TaskProperties(foundation.catalog, foundation.evaluator, cipher=cipher),
        )

    def _triggers(self) -> tuple[object, ...]:
        foundation = self._foundation
        switches = Switches(foundation.triggers, dates=foundation.schedules, clock=foundation.clock)
        return (
            Triggers(store=foundation.triggers, registry=foundation.registry, backfills=self._backfills),
            TriggerVerbs(
                store=foundation.triggers,
                switches=switches,
                backfills=self._backfills,
                operations=self._operations,
            ),
        )

    def _namespaces(self) -> tuple[object, ...]:
        foundation = self._foundation
        return (
            Namespaces(flows=foundation.flows),
            SecretRoutes(secrets=foundation.secrets),
            ConcurrencyLimits(registry=foundation.registry, reader=foundation.reader),
        )


def _followers(base: Running) -> Followers:
    """Who has the executor hears its commits; who has not is told of them by it."""
    foundation = base.foundation
    changes = None if base.executor else PostgresChanges(foundation.database, foundation.listener)
    followers = Followers(reader=foundation.reader, broadcaster=foundation.broadcaster, changes=changes)
    base.spawn(lasting(foundation, followers.hear))
    return followers
