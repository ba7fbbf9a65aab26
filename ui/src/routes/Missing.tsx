import { Link } from "@tanstack/react-router";
import { EmptyState } from "../components/feedback/EmptyState";

export function Missing() {
  return (
    <EmptyState
      title="There is no page at this address"
      actions={
        <Link to="/" className="link">
          Go to the executions
        </Link>
      }
    >
      The link may come from a version that had such a page, or a part of it was cut off.
    </EmptyState>
  );
}
