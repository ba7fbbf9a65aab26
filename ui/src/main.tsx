// Puts the parts together: queries, router, tooltips and toasts.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "./api/client";
import { ApiProblem } from "./api/problem";
import { Toaster } from "./components/feedback/Toaster";
import { makeRouter } from "./routes/router";
import { applyPreferences } from "./theme/preferences";
import "./theme/tokens.css";
import "./theme/base.css";
import "./theme/states.css";

const TRIES = 3;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What the server refused it will refuse again; only silence and its own errors are worth another try.
      retry: (count, error) => count < TRIES && !(error instanceof ApiProblem && error.status < 500),
    },
  },
});

const router = makeRouter(queries);

onSignedOut(() => {
  const { pathname, href } = router.state.location;
  if (!pathname.endsWith("/login")) void router.navigate({ to: "/login", search: { from: href } });
});

applyPreferences();

const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Tooltip.Provider delayDuration={400}>
          <Toaster>
            <RouterProvider router={router} />
          </Toaster>
        </Tooltip.Provider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
