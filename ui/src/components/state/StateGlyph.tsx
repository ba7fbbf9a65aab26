// One shape a state, drawn on 12 by 12: the shape tells the state where the colour cannot.
import type { ReactNode } from "react";
import type { StateName } from "../../api/types";
import { type StateToken, tokenOf, wordOf } from "../../model/states";
import "./state.css";

const LINE = { fill: "none", stroke: "currentColor", strokeWidth: 1.4, strokeLinecap: "round" as const };
const CUT = {
  fill: "none",
  stroke: "var(--ground, var(--surface))",
  strokeWidth: 1.5,
  strokeLinecap: "round" as const,
};
const RING = <circle cx="6" cy="6" r="4.8" {...LINE} />;

const SHAPES: Record<StateToken, ReactNode> = {
  created: <circle cx="6" cy="6" r="4.8" {...LINE} strokeDasharray="1.2 2.57" />,
  queued: (
    <>
      {RING}
      <path d="M6 3.4V6l1.9 1.2" {...LINE} strokeWidth={1.3} />
    </>
  ),
  running: (
    <>
      <circle cx="6" cy="6" r="4.8" {...LINE} opacity={0.35} />
      <path className="glyph-turns" d="M6 1.2A4.8 4.8 0 0 1 10.8 6" {...LINE} strokeWidth={1.7} />
      <circle cx="6" cy="6" r="1.9" fill="currentColor" />
    </>
  ),
  paused: <path d="M3 1.8h2v8.4H3zM7 1.8h2v8.4H7z" fill="currentColor" />,
  success: (
    <>
      <circle cx="6" cy="6" r="5.4" fill="currentColor" />
      <path d="m3.6 6.2 1.7 1.7 3.1-3.6" {...CUT} strokeLinejoin="round" />
    </>
  ),
  warning: (
    <>
      <path d="M6 .8 11.6 10.8H.4z" fill="currentColor" stroke="currentColor" strokeWidth=".8" strokeLinejoin="round" />
      <path d="M6 4.2v3M6 9v.1" {...CUT} strokeWidth={1.3} />
    </>
  ),
  failed: (
    <>
      <path d="M3.8.7h4.4l3.1 3.1v4.4l-3.1 3.1H3.8L.7 8.2V3.8z" fill="currentColor" />
      <path d="m4.2 4.2 3.6 3.6m0-3.6L4.2 7.8" {...CUT} />
    </>
  ),
  killing: (
    <>
      <rect x="1.1" y="1.1" width="9.8" height="9.8" rx="1.4" {...LINE} />
      <rect x="3.9" y="3.9" width="4.2" height="4.2" fill="currentColor" />
    </>
  ),
  killed: (
    <>
      <rect x=".7" y=".7" width="10.6" height="10.6" rx="1.6" fill="currentColor" />
      <rect x="4" y="4" width="4" height="4" fill="var(--ground, var(--surface))" />
    </>
  ),
  cancelled: (
    <>
      {RING}
      <path d="m2.7 9.3 6.6-6.6" {...LINE} />
    </>
  ),
  retrying: (
    <>
      <path d="M10.4 6A4.4 4.4 0 1 1 8.9 2.7" {...LINE} strokeWidth={1.5} />
      <path d="M10.6.8v3H7.6z" fill="currentColor" />
    </>
  ),
  skipped: (
    <>
      {RING}
      <path d="M3.9 6h4.2" {...LINE} />
    </>
  ),
  breakpoint: <path d="M6 .6 11.4 6 6 11.4.6 6z" fill="currentColor" />,
};

/** With `label` the shape speaks for itself; without, a word stands beside it. */
export function StateGlyph({ state, label }: { state: StateName; label?: boolean }) {
  const token = tokenOf(state);
  const spoken = label ? { role: "img", "aria-label": wordOf(state) } : { "aria-hidden": true };
  return (
    <svg className={`glyph s-${token}`} viewBox="0 0 12 12" {...spoken}>
      {label && <title>{wordOf(state)}</title>}
      {SHAPES[token]}
    </svg>
  );
}
