// All executions: views and filters, newest first, what is new behind a button, more by scrolling.
import { useParams } from "@tanstack/react-router";
import { ExecutionList } from "../../components/executions/ExecutionList";
import { FilterBar } from "../../components/filter/FilterBar";
import { Page } from "../../components/layout/Page";
import { useSearchParams } from "../../components/useSearchParams";
import { EXECUTION_FIELDS, type Field } from "../../model/fields";
import { type Filter, parseFilters, writeFilters } from "../../model/filters";
import { scopeFilter } from "../../model/namespaces";
import { Views } from "./Views";

export function ExecutionsPage() {
  const { tenant } = useParams({ strict: false }) as { tenant: string };
  const { search } = useSearchParams();
  const filters = { ...scopeFilter(search.ns), ...writeFilters(parseFilters(search)) };
  return (
    <Page title="Executions">
      <Views />
      <div className="bar bar-line">
        <FilterBar fields={EXECUTION_FIELDS} start={startOf} />
      </div>
      <ExecutionList tenant={tenant} filters={filters} />
    </Page>
  );
}

const STARTS: Record<string, string> = { timeRange: "PT24H", childFilter: "MAIN" };

function startOf(field: Field): Filter {
  const operator = field.operators[0] ?? "EQUALS";
  return { field: field.name, operator, value: STARTS[field.name] ?? "", key: field.kind === "label" ? "" : undefined };
}
