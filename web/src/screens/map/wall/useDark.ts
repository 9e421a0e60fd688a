import { useLayoutEffect } from "react";

const NAME = "data-mantine-color-scheme";

/** Dark while this is shown, whatever the theme; the choice of the theme stays. */
export function useDark() {
  useLayoutEffect(() => {
    const root = document.documentElement;
    const before = root.getAttribute(NAME);
    root.setAttribute(NAME, "dark");
    return () => {
      if (before) root.setAttribute(NAME, before);
    };
  }, []);
}
