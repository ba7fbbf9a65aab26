// Nothing for 300 ms, then still blocks in the shape of what comes.
import { useEffect, useState } from "react";
import "./feedback.css";

const PATIENCE = 300;

export function Loading({ rows = 8, label }: { rows?: number; label: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), PATIENCE);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div className="loading" role="status" aria-label={label}>
      {late &&
        Array.from({ length: rows }, (_, index) => (
          <div key={index} className="loading-row">
            <span className="block" style={{ width: 12 }} />
            <span className="block" style={{ width: `${30 + ((index * 37) % 25)}%` }} />
            <span className="block push" style={{ width: 48 }} />
          </div>
        ))}
    </div>
  );
}
