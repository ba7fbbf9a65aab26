// The line of facts: label and value, no boxes.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { execution as executionQuery } from "../../api/executions";
import type { Execution } from "../../api/types";
import { Fact } from "../../components/layout/Page";
import { Duration } from "../../components/text/Duration";
import { LabelTags } from "../../components/text/LabelTags";
import { When } from "../../components/text/When";
import { useNow } from "../../components/useNow";
import { executionAddress, flowAddress } from "../../model/addresses";
import { formatDuration } from "../../model/durations";
import { labelsOf } from "../../model/groups";
import { shortId } from "../../model/ids";
import { retryCount, runsOf, timeIn } from "../../model/runs";
import { hasEnded } from "../../model/states";

export function Facts({ tenant, execution }: { tenant: string; execution: Execution }) {
  const { state, flowRevision, trigger, scheduleDate } = execution;
  const running = !hasEnded(state.current);
  const now = useNow(running);
  const waited =
    timeIn(state, ["CREATED", "QUEUED"], now) +
    runsOf(execution).reduce((sum, run) => sum + timeIn(run.state, ["SUBMITTED"], now), 0);
  const retries = retryCount(runsOf(execution));
  return (
    <>
      <Fact label="Started">
        <When at={state.startDate} />
      </Fact>
      <Fact label={running ? "Running" : "Took"}>
        <Duration of={state} running={running} />
      </Fact>
      <Fact label="Waited">{formatDuration(waited)}</Fact>
      <Fact label="Trigger">{trigger?.id ?? "manual"}</Fact>
      <Fact label="Revision">
        <Link to={flowAddress(tenant, execution)}>{flowRevision ?? "–"}</Link>
      </Fact>
      {retries > 0 && <Fact label="Retries">{retries}</Fact>}
      {scheduleDate && (
        <Fact label="Planned">
          <When at={scheduleDate} />
        </Fact>
      )}
      {execution.originalId !== undefined && execution.originalId !== execution.id && (
        <Fact label="Replay of">
          <Relative tenant={tenant} id={execution.originalId} />
        </Fact>
      )}
      {execution.parentId !== undefined && (
        <Fact label="Parent">
          <Relative tenant={tenant} id={execution.parentId} />
        </Fact>
      )}
      {labelsOf(execution.labels).length > 0 && (
        <span>
          Labels <LabelTags labels={execution.labels} />
        </span>
      )}
    </>
  );
}

/** Another execution: a link as soon as it is known whose it is. */
function Relative({ tenant, id }: { tenant: string; id: string }) {
  const found = useQuery(executionQuery(tenant, id));
  if (!found.data) return shortId(id);
  return (
    <Link to={executionAddress(tenant, found.data)} className="link">
      {found.data.flowId} {shortId(id)}
    </Link>
  );
}
