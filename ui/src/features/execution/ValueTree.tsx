// Values as rows: name, type, text; maps and lists open in place.
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { valueRows } from "../../model/values";
import type { Chosen } from "./OutputsTab";

interface ValueTreeProps {
  values: Record<string, unknown>;
  root: string;
  indent?: number;
  current: string | undefined;
  onChoose: (chosen: Chosen) => void;
}

export function ValueTree({ values, root, indent = 0, current, onChoose }: ValueTreeProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const turn = (path: string) =>
    setOpen((before) =>
      before.has(path) ? new Set([...before].filter((other) => other !== path)) : new Set([...before, path]),
    );
  return (
    <ul>
      {valueRows(values, open).map((row) => {
        const path = `${root}.${row.path}`;
        return (
          <li
            key={row.path}
            className="value-row"
            data-current={path === current || undefined}
            style={{ paddingLeft: 16 + (row.depth + indent) * 14 }}
          >
            {row.folds ? (
              <button
                type="button"
                className="fold"
                aria-label={open.has(row.path) ? "Fold" : "Unfold"}
                aria-expanded={open.has(row.path)}
                onClick={() => turn(row.path)}
              >
                {open.has(row.path) ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
              </button>
            ) : (
              <span className="fold" />
            )}
            <button type="button" className="value-open" onClick={() => onChoose({ path, value: row.value })}>
              <span className="mono">{row.name}</span>
              <span className="caption subtle">{row.type}</span>
              <span className="mono muted cut push">{row.text}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
