// Tabs are links: each has an address. Keys 1 to 9 open them.
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatCount } from "../../model/numbers";
import { useKeys } from "../useKeys";
import "./layout.css";

export interface Tab {
  word: string;
  to: string;
  active: boolean;
  count?: number;
  search?: Record<string, string>;
}

export function Tabs({ tabs, side }: { tabs: Tab[]; side?: ReactNode }) {
  const navigate = useNavigate();
  const open = (tab: Tab) => () => void navigate({ to: tab.to, search: tab.search ?? {} });
  useKeys(Object.fromEntries(tabs.map((tab, index) => [String(index + 1), open(tab)])));
  return (
    <nav className="tabs" aria-label="Page">
      {tabs.map((tab) => (
        <Link
          key={tab.to}
          to={tab.to}
          search={tab.search ?? {}}
          className="tab"
          aria-current={tab.active ? "page" : undefined}
        >
          {tab.word}
          {tab.count !== undefined && <span className="micro subtle">{formatCount(tab.count)}</span>}
        </Link>
      ))}
      <div className="tabs-side">{side}</div>
    </nav>
  );
}
