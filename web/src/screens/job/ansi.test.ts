import { expect, test } from "vitest";
import { plain } from "./ansi";

test("colours and titles go, words stay", () => {
  expect(plain("\u001b[1;31mERROR\u001b[0m lost")).toBe("ERROR lost");
  expect(plain("\u001b]0;title\u0007done\u0000")).toBe("done");
  expect(plain("a\tb [x]")).toBe("a\tb [x]");
});
