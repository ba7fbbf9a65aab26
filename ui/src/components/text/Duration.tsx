// How long something took, or takes so far by the server's clock.
import { formatDuration } from "../../model/durations";
import { useNow } from "../useNow";

interface Span {
  startDate: string;
  endDate?: string | null;
}

const SECOND = 1000;

export function Duration({ of, running }: { of: Span; running: boolean }) {
  const now = useNow(running);
  const from = new Date(of.startDate).getTime();
  if (!running && of.endDate) return formatDuration(new Date(of.endDate).getTime() - from);
  return running ? formatDuration(Math.floor((now - from) / SECOND) * SECOND) : "–";
}
