import { expect, test } from "vitest";
import { profileLists } from "./profile-text.ts";

const node = (id: number, functionName: string, url = "") => ({
  id,
  callFrame: { functionName, url, lineNumber: 0, columnNumber: 0 },
});

test("self time by file and by function, idle time left out", () => {
  const text = profileLists(
    {
      nodes: [node(1, "(idle)"), node(2, "parse", "a.ts"), node(3, "write", "a.ts"), node(4, "read", "b.ts")],
      samples: [1, 2, 3, 2, 4, 1],
      timeDeltas: [5_000_000, 300_000, 300_000, 200_000, 200_000, 9_000_000],
    },
    ({ functionName, url }) => ({ file: url, name: functionName }),
  );
  expect(text).toBe(
    "self time by file, of 1.0 s busy\n  80.0 %  a.ts\n  20.0 %  b.ts\n\n" +
      "by function\n  50.0 %  parse  a.ts\n  30.0 %  write  a.ts\n  20.0 %  read  b.ts\n",
  );
});
