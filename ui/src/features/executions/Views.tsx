// The views everybody has: a view is a set of filters with a name.
import { Link } from "@tanstack/react-router";
import { useSearchParams } from "../../components/useSearchParams";
import { type Search, parseFilters, withFilters, writeFilters } from "../../model/filters";
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
  const current = JSON.stringify(writeFilters(parseFilters(search)));
  return (
    <nav className="views" aria-label="Views">
      {VIEWS.map(({ word, filters }) => (
        <Link key={word} to="." search={withFilters(search, parseFilters(filters))} className="view" aria-current={JSON.stringify(filters) === current || undefined}>
          {word}
        </Link>
      ))}
    </nav>
  );
}
