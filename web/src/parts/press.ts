import type { KeyboardEvent } from "react";

/** What is a button by its role alone is pressed by Enter and by the space bar. */
export const onPress = (act: () => void) => (event: KeyboardEvent) => {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  act();
};
