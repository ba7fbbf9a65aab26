// The views everybody has: a view is a set of filters with a name.
import { Link } from "@tanstack/react-router";
import { useSearchParams } from "../../components/useSearchParams";
import { parseFilters, type Search, withFilters } from "../../model/filters";
import "./executions.css";

const VIEWS: { word: string; filters: Search }[] = [
  { word: "All", filters: {} },
  { word: "Last 24 hours", filters: { "filters[timeRange][EQUALS]": "PT24H" } },
  { word: "Problems", filters: { "filters[state][IN]": "FAILED,WARNING,KILLED,CANCELLED" } },
  { word: "Running", filters: { "filters[state][IN]": "CREATED,QUEUED,SUBMITTED,RUNNING,RETRYING,RESTARTED,KILLING" } },
  { word: "Waiting for a person", filters: { "filters[state][IN]": "PAUSED,BREAKPOINT" } },
];

export function Views() {
  const { search } = useSearchParams();
  return (
    <nav className="views" aria-label="Views">
      {VIEWS.map(({ word, filters }) => (
        <Link
          key={word}
          to="."
          search={withFilters(search, parseFilters(filters))}
          className="view"
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {word}
        </Link>
      ))}
    </nav>
  );
}
