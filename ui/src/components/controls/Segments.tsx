// A choice of a few, all of them visible; exactly one is chosen.
import { ToggleGroup } from "radix-ui";
import type { ReactNode } from "react";
import "./controls.css";

export interface Segment {
  value: string;
  word: ReactNode;
  count?: number;
}

interface SegmentsProps {
  label: string;
  value: string;
  segments: Segment[];
  onChange: (value: string) => void;
  size?: "small";
}

export function Segments({ label, value, segments, onChange, size }: SegmentsProps) {
  return (
    <ToggleGroup.Root
      type="single"
      className="segments"
      data-size={size}
      aria-label={label}
      value={value}
      onValueChange={(chosen) => chosen && onChange(chosen)}
    >
      {segments.map((segment) => (
        <ToggleGroup.Item key={segment.value} value={segment.value} className="segment">
          {segment.word}
          {segment.count !== undefined && segment.count > 0 && <span className="micro">{segment.count}</span>}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
