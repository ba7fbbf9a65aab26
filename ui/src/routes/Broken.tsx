// A page that broke while it was drawn: says what broke and loads again; the navigation stays.
import { ErrorNote } from "../components/feedback/ErrorNote";

export function Broken({ error }: { error: unknown }) {
  return <ErrorNote what="This page broke." error={error} onRetry={() => window.location.reload()} />;
}
