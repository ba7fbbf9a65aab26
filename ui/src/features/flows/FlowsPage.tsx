// All flows by namespace, each with its last runs.
import { useParams } from "@tanstack/react-router";
import { useRef } from "react";
import { SearchField } from "../../components/controls/SearchField";
import { Page } from "../../components/layout/Page";
import { useKeys } from "../../components/useKeys";
import { useSearchParams } from "../../components/useSearchParams";
import type { Search } from "../../model/filters";
import { scopeFilter } from "../../model/namespaces";
import { FlowList } from "./FlowList";

export function FlowsPage() {
  const { tenant } = useParams({ strict: false }) as { tenant: string };
  const { search, replace } = useSearchParams();
  const field = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => field.current?.focus(), Escape: () => replace({ q: undefined }) });
  const text: Search = search.q ? { "filters[q][EQUALS]": search.q } : {};
  return (
    <Page title="Flows">
      <div className="bar bar-line">
        <SearchField
          field={field}
          label="Name, namespace or label"
          value={search.q ?? ""}
          onChange={(q) => replace({ q })}
          width={300}
        />
        <span className="caption subtle push">Grouped by namespace</span>
      </div>
      <FlowList tenant={tenant} scope={scopeFilter(search.ns)} text={text} />
    </Page>
  );
}
