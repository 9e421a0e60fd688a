import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "./app/theme.css";
import { createTheme, MantineProvider } from "@mantine/core";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { makeRouter } from "./router";

const RETRIES = 2;

/** A session that is over leads to the login, and from there back to this page. */
function onError(error: Error) {
  const { pathname, href } = router.state.location;
  if (error instanceof ApiError && error.status === 401 && pathname !== "/login")
    router.navigate({ to: "/login", search: { next: href }, replace: true });
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // Events say when something is old.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      // The server may be on this machine, which needs no network.
      networkMode: "always",
      retry: (count, error) => {
        const isRefusal = error instanceof ApiError && error.status >= 400 && error.status < 500;
        return !isRefusal && count < RETRIES;
      },
    },
    mutations: { networkMode: "always" },
  },
});

const router = makeRouter(queries);

const theme = createTheme({
  cursorType: "pointer",
  respectReducedMotion: true,
  components: { Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } } },
});

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      {/* What Mantine would write into style elements stands in theme.css: see there. */}
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
