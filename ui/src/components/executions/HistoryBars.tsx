// A few runs as small bars: height is duration, colour is state. One picture with one sentence.
import type { ExecutionRow } from "../../api/types";
import { barsOf, reliabilityOf } from "../../model/history";
import { tokenOf } from "../../model/states";
import { useNow } from "../useNow";
import "./executions.css";

const WIDTH = 5;
const HALF_A_MINUTE = 30_000;

export function HistoryBars({ history, places }: { history: ExecutionRow[]; places: number }) {
  const now = useNow(true, HALF_A_MINUTE);
  const { ended, failed } = reliabilityOf(history);
  const first = places - history.length;
  return (
    <svg
      className="history-bars"
      width={places * (WIDTH + 1)}
      height="18"
      role="img"
      aria-label={`Last ${history.length} runs: ${ended} ended, ${failed} of them failed`}
    >
      {barsOf(history, now).map((bar, index) => (
        <rect
          key={bar.id}
          className={`bar-mark s-${tokenOf(bar.state)}`}
          x={(first + index) * (WIDTH + 1)}
          y={18 * (1 - bar.height)}
          width={WIDTH}
          height={18 * bar.height}
        />
      ))}
    </svg>
  );
}
