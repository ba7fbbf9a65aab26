// What failed, what the server said, and a button; the rest of the page works on.
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { ApiProblem, Unreachable } from "../../api/problem";
import { Button } from "../controls/Button";
import { StateGlyph } from "../state/StateGlyph";
import { Words } from "../text/Words";
import "./feedback.css";

interface ErrorNoteProps {
  what: string;
  error: unknown;
  onRetry?: () => void;
  children?: ReactNode;
}

export function saidBy(error: unknown): string {
  if (error instanceof ApiProblem) return `The server answered ${error.status}: ${error.detail}`;
  if (error instanceof Unreachable) return "The server does not answer. It is asked again as soon as it does.";
  return error instanceof Error ? error.message : String(error);
}

export function ErrorNote({ what, error, onRetry, children }: ErrorNoteProps) {
  return (
    <div className="note s-failed" role="alert">
      <StateGlyph state="FAILED" />
      <div className="grow">
        <p>
          <b>{what}</b> <Words>{saidBy(error)}</Words>
        </p>
        <div className="row note-actions">
          {onRetry && (
            <Button size="small" icon={<RotateCw aria-hidden />} onClick={onRetry}>
              Try now
            </Button>
          )}
          {children}
        </div>
      </div>
    </div>
  );
}
