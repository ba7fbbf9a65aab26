// Where one can go, what is running, and whether the server still tells us.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Activity, CircleHelp, Workflow } from "lucide-react";
import type { ReactNode } from "react";
import { countOf } from "../../api/executions";
import { Mark } from "../../components/Mark";
import { executionsAddress, flowsAddress } from "../../model/addresses";
import { scopeFilter } from "../../model/namespaces";
import { formatCount } from "../../model/numbers";
import { ScopeMenu } from "./ScopeMenu";
import { ServerState } from "./ServerState";
import { UserMenu } from "./UserMenu";

interface NavigationProps {
  tenant: string;
  scope: string | undefined;
  onHelp: () => void;
}

const RUNNING = { "filters[state][IN]": "RUNNING,KILLING,RETRYING" };

export function Navigation({ tenant, scope, onHelp }: NavigationProps) {
  const running = useQuery(countOf(tenant, { ...scopeFilter(scope), ...RUNNING }));
  return (
    <nav className="navigation" aria-label="Main">
      <div className="tenant">
        <Mark />
        <span className="cut nav-word">{tenant}</span>
      </div>
      <ScopeMenu tenant={tenant} scope={scope} />
      <Place to={flowsAddress(tenant)} scope={scope} icon={<Workflow aria-hidden />} word="Flows" />
      <Place to={executionsAddress(tenant)} scope={scope} icon={<Activity aria-hidden />} word="Executions">
        {running.data !== undefined && running.data > 0 && (
          <span className="nav-count">
            <span className="running-dot" aria-hidden />
            {formatCount(running.data)}
            <span className="visually-hidden"> running</span>
          </span>
        )}
      </Place>
      <div className="nav-foot">
        <ServerState />
        <button type="button" className="nav-item" onClick={onHelp}>
          <CircleHelp className="icon" aria-hidden />
          <span className="cut nav-word">Help</span>
          <span className="nav-count">?</span>
        </button>
        <UserMenu />
      </div>
    </nav>
  );
}

interface PlaceProps {
  to: string;
  scope: string | undefined;
  icon: ReactNode;
  word: string;
  children?: ReactNode;
}

function Place({ to, scope, icon, word, children }: PlaceProps) {
  const search: Record<string, string> = scope ? { ns: scope } : {};
  return (
    <Link
      to={to}
      search={search}
      className="nav-item"
      title={word}
      activeOptions={{ includeSearch: false }}
      activeProps={{ "data-on": true } as never}
    >
      {icon}
      <span className="cut nav-word">{word}</span>
      {children}
    </Link>
  );
}
