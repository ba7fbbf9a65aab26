// What a flow is: its words, how reliable it was, what starts it, what it asks for.
import { useQuery } from "@tanstack/react-query";
import { triggersOf } from "../../api/flows";
import type { ExecutionRow, Flow } from "../../api/types";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Section } from "../../components/layout/Pane";
import { TriggerIcon } from "../../components/TriggerIcon";
import { LabelTags } from "../../components/text/LabelTags";
import { When } from "../../components/text/When";
import { labelsOf } from "../../model/groups";
import { reliabilityOf } from "../../model/history";
import { titleOf, typeText } from "../../model/inputs";
import { onDemand, triggerKind } from "../../model/triggers";
import { texts } from "../../texts";

interface AboutProps {
  tenant: string;
  flow: Flow;
  history: ExecutionRow[];
}

export function About({ tenant, flow, history }: AboutProps) {
  const { ended, failed, success } = reliabilityOf(history);
  return (
    <aside className="pane about" aria-label="About this flow">
      <div className="pane-scroll" tabIndex={0} role="region" aria-label="Facts">
        <Section title="About">
          <p className="about-words">{flow.description ?? <span className="subtle">No description.</span>}</p>
          {labelsOf(flow.labels).length > 0 && (
            <p className="about-tags">
              <LabelTags labels={flow.labels} />
            </p>
          )}
          <dl className="pairs">
            <dt>Tasks</dt>
            <dd>{texts.tasks(flow.tasks?.length ?? 0)}</dd>
            {flow.updated && (
              <>
                <dt>Saved</dt>
                <dd>
                  <When at={flow.updated} />
                </dd>
              </>
            )}
          </dl>
        </Section>
        {ended > 0 && (
          <Section title={`Reliability, ${texts.runs(ended)}`}>
            <dl className="pairs">
              <dt>Success</dt>
              <dd>
                {ended - failed} of {ended} <span className="subtle">{success} %</span>
              </dd>
              <dt>Failed</dt>
              <dd>{failed}</dd>
            </dl>
          </Section>
        )}
        <Triggers tenant={tenant} flow={flow} />
        {flow.inputs && flow.inputs.length > 0 && (
          <Section title="Inputs">
            <dl className="pairs">
              {flow.inputs.map((input) => (
                <div key={input.id} className="pair">
                  <dt className="cut">{titleOf(input)}</dt>
                  <dd className="mono subtle">
                    {typeText(input)}
                    {input.required !== false && input.defaults === undefined && ", required"}
                  </dd>
                </div>
              ))}
            </dl>
          </Section>
        )}
        {flow.concurrency?.limit !== undefined && (
          <Section title="Concurrency">
            <p className="muted">
              limit {flow.concurrency.limit}, then {(flow.concurrency.behavior ?? "QUEUE").toLowerCase()}
            </p>
          </Section>
        )}
      </div>
    </aside>
  );
}

function Triggers({ tenant, flow }: { tenant: string; flow: Flow }) {
  const states = useQuery({
    ...triggersOf(tenant, flow.namespace, flow.id),
    enabled: (flow.triggers?.length ?? 0) > 0,
  });
  if (!flow.triggers?.length) {
    return (
      <Section title="Triggers">
        <p className="subtle">None: it runs on request.</p>
      </Section>
    );
  }
  return (
    <Section title="Triggers">
      {states.isError && <ErrorNote what="When they fire next is not known." error={states.error} />}
      <ul className="trigger-list">
        {flow.triggers.map((trigger) => {
          const state = states.data?.results.find((candidate) => candidate.triggerId === trigger.id);
          const cron = trigger.cron === undefined ? undefined : String(trigger.cron);
          return (
            <li key={trigger.id}>
              <TriggerIcon type={trigger.type} id={trigger.id} />
              <span className="cut">{trigger.id}</span>
              {cron && <span className="mono muted">{cron}</span>}
              <span className="push muted">
                {state?.disabled || trigger.disabled ? (
                  "disabled"
                ) : state?.nextEvaluationDate ? (
                  <When at={state.nextEvaluationDate} />
                ) : (
                  onDemand[triggerKind(trigger.type)]
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
