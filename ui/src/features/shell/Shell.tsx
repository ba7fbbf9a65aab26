// The frame of every page: navigation at the left, the page beside it, the keys that lead anywhere.
import { Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useKeys } from "../../components/useKeys";
import { useSearchParams } from "../../components/useSearchParams";
import { executionsAddress, flowsAddress } from "../../model/addresses";
import { changePreferences, usePreferences } from "../../theme/preferences";
import { Help } from "./Help";
import { Navigation } from "./Navigation";
import "./shell.css";

export function Shell() {
  const { tenant = "main" } = useParams({ strict: false }) as { tenant?: string };
  const { navigationFolded } = usePreferences();
  const { search } = useSearchParams();
  const navigate = useNavigate();
  const [help, setHelp] = useState(false);
  const scope: Record<string, string> = search.ns ? { ns: search.ns } : {};
  const go = (to: string) => () => void navigate({ to, search: scope });
  useKeys({
    "[": () => changePreferences({ navigationFolded: !navigationFolded }),
    "?": () => setHelp(true),
    "g f": go(flowsAddress(tenant)),
    "g e": go(executionsAddress(tenant)),
  });
  return (
    <div className="app" data-folded={navigationFolded || undefined}>
      <a className="skip-link" href="#content">
        Skip navigation
      </a>
      <Navigation tenant={tenant} scope={search.ns} onHelp={() => setHelp(true)} />
      <Outlet />
      <Help open={help} onClose={() => setHelp(false)} />
    </div>
  );
}
