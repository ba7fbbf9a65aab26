// Areas of a page beside or below each other, parted by lines.
import type { ReactNode } from "react";
import "./layout.css";

interface SectionProps {
  title: string;
  note?: ReactNode;
  side?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}

export function Section({ title, note, side, children, flush }: SectionProps) {
  return (
    <section className="section">
      <div className="section-head">
        <h2>{title}</h2>
        {note && <span className="caption subtle cut">{note}</span>}
        {side && <div className="push row">{side}</div>}
      </div>
      <div className={flush ? "" : "section-body"}>{children}</div>
    </section>
  );
}
