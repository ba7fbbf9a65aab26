// Follows an execution while it lasts: what the stream sends is written to the query cache, the page reads only there.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { serverNow } from "../../api/clock";
import { executionKey } from "../../api/executions";
import { openStream } from "../../api/stream";
import type { Execution } from "../../api/types";

export type Following = { state: "live" | "lost" | "closed"; heard: number } | undefined;

export function useFollow(tenant: string, executionId: string, lasts: boolean): Following {
  const queries = useQueryClient();
  const [following, setFollowing] = useState<Following>();
  useEffect(() => {
    if (!lasts) return setFollowing(undefined);
    const key = executionKey(tenant, executionId);
    const live = (): void => setFollowing({ state: "live", heard: serverNow() });
    const keep = (data: Execution) => {
      live();
      queries.setQueryData<Execution>(key, (before) => ({ ...before, ...data }));
    };
    return openStream<Execution>(`/api/v1/${tenant}/executions/${executionId}/follow`, {
      onStart: live,
      onProgress: keep,
      onEnd: (data) => {
        if (data.state) keep(data);
        void queries.invalidateQueries({ queryKey: key });
      },
      onTrouble: (state) => setFollowing((before) => ({ state, heard: before?.heard ?? serverNow() })),
    });
  }, [queries, tenant, executionId, lasts]);
  return following;
}
