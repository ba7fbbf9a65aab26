// The map of addresses to pages. Each page is loaded when it is first opened.
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { configuration, hasSignedIn } from "../api/session";
import { parseSearch, writeSearch } from "../model/search";
import { Broken } from "./Broken";
import { Missing } from "./Missing";
import { TenantFrame } from "./TenantFrame";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  validateSearch: (search): Record<string, string> => search as Record<string, string>,
  notFoundComponent: Missing,
  errorComponent: Broken,
});

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/main/executions" });
  },
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: lazyRouteComponent(() => import("../features/login/LoginPage"), "LoginPage"),
});

const tenant = createRoute({
  getParentRoute: () => root,
  path: "/$tenant",
  component: TenantFrame,
  notFoundComponent: Missing,
  // Asked before anything that needs a sign-in, or the browser would open a dialog of its own.
  beforeLoad: async ({ context, location }) => {
    if (hasSignedIn()) return;
    const server = await context.queries.ensureQueryData(configuration).catch(() => undefined);
    if (server?.isLoginRequired) throw redirect({ to: "/login", search: { from: location.href } });
  },
});

const home = createRoute({
  getParentRoute: () => tenant,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: `/${params.tenant}/executions` });
  },
});

const flows = createRoute({
  getParentRoute: () => tenant,
  path: "/flows",
  component: lazyRouteComponent(() => import("../features/flows/FlowsPage"), "FlowsPage"),
});

const flow = createRoute({
  getParentRoute: () => tenant,
  path: "/flows/edit/$namespace/$flowId/{-$tab}",
  component: lazyRouteComponent(() => import("../features/flow/FlowPage"), "FlowPage"),
});

const executions = createRoute({
  getParentRoute: () => tenant,
  path: "/executions",
  component: lazyRouteComponent(() => import("../features/executions/ExecutionsPage"), "ExecutionsPage"),
});

const execution = createRoute({
  getParentRoute: () => tenant,
  path: "/executions/$namespace/$flowId/$executionId/{-$tab}",
  component: lazyRouteComponent(() => import("../features/execution/ExecutionPage"), "ExecutionPage"),
});

export const makeRouter = (queries: QueryClient) =>
  createRouter({
    context: { queries },
    routeTree: root.addChildren([start, login, tenant.addChildren([home, flows, flow, executions, execution])]),
    basepath: "/ui",
    parseSearch,
    stringifySearch: writeSearch,
    defaultPreload: "intent",
    scrollRestoration: false,
  });
