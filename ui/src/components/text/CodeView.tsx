// YAML to read: line numbers and colours, selectable as text.
import { useMemo } from "react";
import { colourLine } from "../../model/yaml";
import "./text.css";

export function CodeView({ source, label }: { source: string; label: string }) {
  const lines = useMemo(() => source.replace(/\n$/, "").split("\n").map(colourLine), [source]);
  return (
    <section className="code-view" aria-label={label} tabIndex={0}>
      {lines.map((pieces, index) => (
        <div key={index} className="code-line">
          <span className="code-place" aria-hidden>
            {index + 1}
          </span>
          <code>
            {pieces.map((piece, place) => (
              <span key={place} className={`code-${piece.kind}`}>
                {piece.text}
              </span>
            ))}
          </code>
        </div>
      ))}
    </section>
  );
}
