// One lane of the chart, drawn from figures between 0 and 1: grid, pressed gaps, segments, critical path.
import { memo } from "react";
import { formatDuration } from "../../model/durations";
import { tokenOf, wordOf } from "../../model/states";
import type { Segment, Timeline, TimelineRow } from "../../model/timeline";

interface LaneProps {
  row: TimelineRow;
  timeline: Timeline;
  height: number;
  withPath: boolean;
}

const percent = (place: number): string => `${(place * 100).toFixed(3)}%`;
const BAR = 12;
const THIN = 4;

export const Lane = memo(function Lane({ row, timeline, height, withPath }: LaneProps) {
  const described = row.segments
    .map((segment) => `${wordOf(segment.state)} ${formatDuration(segment.to - segment.from)}`)
    .join(", ");
  return (
    <svg width="100%" height={height} role="img" aria-label={described || "not run"}>
      {timeline.ticks.map((tick) => (
        <line
          key={tick.after}
          className="lane-grid"
          x1={percent(tick.place)}
          x2={percent(tick.place)}
          y1={0}
          y2={height}
        />
      ))}
      {timeline.gaps.map((gap) => (
        <g key={gap.start} className="lane-gap">
          <rect x={percent(gap.start)} width={percent(gap.end - gap.start)} y={0} height={height} />
          <line x1={percent(gap.start)} x2={percent(gap.start)} y1={0} y2={height} />
          <line x1={percent(gap.end)} x2={percent(gap.end)} y1={0} y2={height} />
        </g>
      ))}
      {row.segments.map((segment, index) => (
        <SegmentMark key={index} segment={segment} height={height} />
      ))}
      {withPath && <PathMarks row={row} timeline={timeline} height={height} />}
    </svg>
  );
});

function SegmentMark({ segment, height }: { segment: Segment; height: number }) {
  const { kind, state, start, end } = segment;
  const middle = height / 2;
  const hint = `${wordOf(state)}, ${formatDuration(segment.to - segment.from)}`;
  if (kind === "delay") {
    return <line className="lane-delay" x1={percent(start)} x2={percent(end)} y1={middle} y2={middle} />;
  }
  // A bar of no length is still seen, also at the very end.
  const thickness = kind === "group" ? THIN : BAR;
  return (
    <rect
      className={`lane-bar s-${tokenOf(state)}`}
      data-kind={kind}
      data-state={state}
      style={{ x: `min(${percent(start)}, 100% - 2px)`, width: `max(2px, ${percent(end - start)})` } as never}
      y={middle - thickness / 2}
      height={thickness}
      rx={2}
    >
      <title>{hint}</title>
    </rect>
  );
}

function PathMarks({ row, timeline, height }: { row: TimelineRow; timeline: Timeline; height: number }) {
  const mark = timeline.path.get(row.run.id);
  const crossed = timeline.crossings.get(row.run.id) ?? [];
  const level = height - 4;
  const from = mark ? Math.min(mark.start, mark.enters ?? mark.start) : 0;
  return (
    <g className="lane-path" aria-hidden>
      {crossed.map((place) => (
        <line key={place} x1={percent(place)} x2={percent(place)} y1={0} y2={height} />
      ))}
      {mark && <line x1={percent(from)} x2={percent(mark.end)} y1={level} y2={level} />}
      {mark?.enters !== undefined && <line x1={percent(mark.enters)} x2={percent(mark.enters)} y1={0} y2={level + 1} />}
      {mark?.leaves !== undefined && (
        <line x1={percent(mark.leaves)} x2={percent(mark.leaves)} y1={level - 1} y2={height} />
      )}
    </g>
  );
}
