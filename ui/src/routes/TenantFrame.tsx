// The frame of a tenant's pages, and above them the one dialog every page can open.
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useSearchParams } from "../components/useSearchParams";
import { Shell } from "../features/shell/Shell";

const ExecuteDialog = lazy(() =>
  import("../features/execute/ExecuteDialog").then((module) => ({ default: module.ExecuteDialog })),
);

export function TenantFrame() {
  const { tenant = "main" } = useParams({ strict: false }) as { tenant?: string };
  const { search } = useSearchParams();
  return (
    <>
      <Shell />
      {search.execute && (
        <Suspense fallback={null}>
          <ExecuteDialog tenant={tenant} />
        </Suspense>
      )}
    </>
  );
}
