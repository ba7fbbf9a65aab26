// The last runs as bars with the usual duration as lines; each bar leads to its execution.
import { Link } from "@tanstack/react-router";
import type { ExecutionRow } from "../../api/types";
import { useNow } from "../../components/useNow";
import { executionAddress } from "../../model/addresses";
import { formatDuration } from "../../model/durations";
import { barsOf, reliabilityOf } from "../../model/history";
import { formatMoment } from "../../model/moments";
import { tokenOf, wordOf } from "../../model/states";
import { tookOf } from "../../model/typical";

interface RunDurationsProps {
  tenant: string;
  history: ExecutionRow[];
  places: number;
}

const HALF_A_MINUTE = 30_000;

export function RunDurations({ tenant, history, places }: RunDurationsProps) {
  const now = useNow(true, HALF_A_MINUTE);
  const { p50, p95 } = reliabilityOf(history);
  const longest = Math.max(1, ...history.map((row) => tookOf(row) ?? 0));
  const bars = barsOf(history, now);
  return (
    <div className="durations">
      <div className="duration-bars" style={{ gridTemplateColumns: `repeat(${places}, minmax(0, 1fr))` }}>
        {bars.map((bar, index) => {
          const row = history[index];
          if (!row) return null;
          const words = `${wordOf(bar.state)}, ${formatMoment(new Date(row.state.startDate).getTime(), now)}, ${formatDuration(tookOf(row) ?? 0)}`;
          return (
            <Link
              key={bar.id}
              to={executionAddress(tenant, row)}
              className={`duration-bar s-${tokenOf(bar.state)}`}
              aria-label={words}
              title={words}
            >
              <i style={{ height: `${bar.height * 100}%` }} />
            </Link>
          );
        })}
        {p50 !== undefined && p50 <= longest && (
          <span className="usual-line" style={{ bottom: `${(p50 / longest) * 100}%` }} />
        )}
      </div>
      <dl className="duration-figures caption">
        <dt className="subtle">p50</dt>
        <dd>{p50 === undefined ? "–" : formatDuration(p50)}</dd>
        <dt className="subtle">p95</dt>
        <dd>{p95 === undefined ? "–" : formatDuration(p95)}</dd>
      </dl>
    </div>
  );
}
