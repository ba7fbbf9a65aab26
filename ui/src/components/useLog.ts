// The log of an execution: followed while it lasts, read whole once it has ended.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { followLog, log, logKey } from "../api/logs";
import type { Execution } from "../api/types";
import { type LogLine, numberLines } from "../model/logs";
import { hasEnded } from "../model/states";

export interface FollowedLog {
  lines: LogLine[];
  pending: boolean;
  error: unknown;
  /** Lines still come, but the stream is broken for now. */
  broken: boolean;
  retry: () => void;
}

/** Lines written just before the end may be stored just after it. */
const LATE = 1500;

export function useLog(tenant: string, execution: Execution): FollowedLog {
  const queries = useQueryClient();
  const [broken, setBroken] = useState(false);
  const { id } = execution;
  const ended = hasEnded(execution.state.current);
  const whole = useQuery({ ...log(tenant, id), enabled: ended });
  useEffect(() => {
    if (ended) return;
    const stop = followLog(queries, tenant, id, () => setBroken(true));
    const readWhole = () => void queries.invalidateQueries({ queryKey: logKey(tenant, id) });
    return () => {
      stop();
      setBroken(false);
      readWhole();
      window.setTimeout(readWhole, LATE);
    };
  }, [queries, tenant, id, ended]);
  const lines = useMemo(() => numberLines(whole.data ?? []), [whole.data]);
  return { lines, pending: ended && whole.isPending, error: whole.error, broken, retry: () => void whole.refetch() };
}
