// Why there is nothing here, in one sentence, and what one can do about it.
import type { ReactNode } from "react";
import "./feedback.css";

export function EmptyState({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <section className="empty-state">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div className="row">{actions}</div>}
    </section>
  );
}
