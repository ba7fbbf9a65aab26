// Where the time went, as one bar and its words.
import { formatDuration } from "../../model/durations";
import type { Share } from "../../model/shares";
import { tokenOf } from "../../model/states";

const SHOWN = 6;

export function TimeShares({ shares }: { shares: Share[] }) {
  const total = shares.reduce((sum, share) => sum + share.length, 0);
  if (total === 0) return null;
  return (
    <section className="shares">
      <h2>
        Where the time went <span className="caption subtle">{formatDuration(total)} on the critical path</span>
      </h2>
      <div className="shares-bar" aria-hidden>
        {shares.map((share) => (
          <i key={share.label} className={`s-${tokenOf(share.state)}`} style={{ flexGrow: share.length }} />
        ))}
      </div>
      <ul className="shares-words caption muted">
        {shares.slice(0, SHOWN).map((share) => (
          <li key={share.label}>
            {Math.floor(share.percent)} % {share.label}
          </li>
        ))}
      </ul>
    </section>
  );
}
