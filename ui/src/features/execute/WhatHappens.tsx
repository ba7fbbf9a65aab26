// The right side of the dialog: when, with which labels, which revision, and what the flow's own checks say.
import type { Flow } from "../../api/types";
import { Segments } from "../../components/controls/Segments";
import type { ValidatedInputs } from "../../model/inputs";
import { localText } from "../../model/inputs";

export interface Plan {
  labels: string;
  /** Empty for now, else a local date and time. */
  later: string;
}

interface WhatHappensProps {
  flow: Flow;
  plan: Plan;
  checks: NonNullable<ValidatedInputs["checks"]>;
  onPlan: (plan: Plan) => void;
}

const IN_AN_HOUR = 3_600_000;

export function WhatHappens({ flow, plan, checks, onPlan }: WhatHappensProps) {
  const choose = (when: string) =>
    onPlan({
      ...plan,
      later: when === "now" ? "" : localText(new Date(Date.now() + IN_AN_HOUR).toISOString()).slice(0, 16),
    });
  return (
    <aside className="execute-side">
      <div className="field">
        <span className="label">When</span>
        <span>
          <Segments
            size="small"
            label="When"
            value={plan.later === "" ? "now" : "later"}
            segments={[
              { value: "now", word: "Now" },
              { value: "later", word: "Later" },
            ]}
            onChange={choose}
          />
        </span>
        {plan.later !== "" && (
          <div className="input">
            <input
              type="datetime-local"
              aria-label="Start at"
              value={plan.later}
              onChange={(event) => onPlan({ ...plan, later: event.target.value })}
            />
          </div>
        )}
      </div>
      <div className="field">
        <label htmlFor="execute-labels">Labels</label>
        <div className="input">
          <input
            id="execute-labels"
            placeholder="key:value"
            value={plan.labels}
            onChange={(event) => onPlan({ ...plan, labels: event.target.value })}
          />
        </div>
      </div>
      {checks.map((check) => (
        <p key={check.message} className={`check-note s-${toneOf(check.style)}`}>
          {check.message}
        </p>
      ))}
      <dl className="execute-facts">
        <dt>Revision</dt>
        <dd>{flow.revision ?? "–"}</dd>
        {flow.concurrency?.limit !== undefined && (
          <>
            <dt>Concurrency</dt>
            <dd>
              limit {flow.concurrency.limit}, then {(flow.concurrency.behavior ?? "QUEUE").toLowerCase()}
            </dd>
          </>
        )}
      </dl>
    </aside>
  );
}

const TONES: Record<string, string> = { ERROR: "failed", WARNING: "warning", SUCCESS: "success" };

const toneOf = (style: string | undefined): string => TONES[style ?? ""] ?? "queued";
