import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { contextFilter } from "./build-context.ts";
import { readDockerfile } from "./dockerfile.ts";

test("reads the final stage", () => {
  const image = readDockerfile(`# comment
FROM --platform=$X node AS build
WORKDIR /src
RUN make && \\
    make install

FROM base:tag
# between
LABEL a=b \\
      c=d
copy --from=build --chown=0:0 /src/out/ /
ENV PATH=/a:/b
WORKDIR /work
USER 1:1
EXPOSE 80
ENTRYPOINT ["/node", "/x y.mjs"]
CMD ["run"]
`);
  expect(image).toEqual({
    base: "base:tag",
    copies: [{ from: "build", source: "/src/out/", target: "/" }],
    environment: { PATH: "/a:/b" },
    workingFolder: "/work",
    user: "1:1",
    entrypoint: ["/node", "/x y.mjs"],
    command: ["run"],
    stages: { build: "/src" },
  });
});

test.each([
  { name: "a command that runs", text: "FROM x\nRUN ls", want: "may only copy and describe, not RUN" },
  { name: "a copy out of the context", text: "FROM x\nCOPY a b", want: "COPY --from=STAGE SOURCE TARGET" },
  { name: "the shell form", text: "FROM x\nENTRYPOINT node x", want: "there is no shell" },
  { name: "no stage", text: "# nothing", want: "no FROM" },
  { name: "an instruction before the first stage", text: "ARG x\nFROM y", want: "ARG before the first FROM" },
])("refuses $name", ({ text, want }) => {
  expect(() => readDockerfile(text)).toThrow(want);
});

test("the project's image is restricted: numeric non-root user, distroless base, no shell form", () => {
  const image = readDockerfile(readFileSync("Dockerfile", "utf8"));
  expect(image).toMatchObject({
    base: "gcr.io/distroless/nodejs24-debian13:nonroot",
    user: "65532:65532",
    entrypoint: ["/nodejs/bin/node", expect.stringMatching(/^\/opt\/gatewright\/.*\.mjs$/)],
    command: ["gateway"],
  });
  expect(image.copies.map(({ from }) => from)).toEqual(["build"]);
});

test.each([
  { path: "packages/cli/src/main.ts", want: true },
  { path: "packages/cli/package.json", want: true },
  { path: "package-lock.json", want: true },
  { path: ".npmrc", want: true },
  { path: "packages/cli/src/main.test.ts", want: false },
  { path: "packages/cli/node_modules/x/index.js", want: false },
  { path: "node_modules/x/index.js", want: false },
  { path: "dist/gatewright.mjs", want: false },
  { path: ".git/config", want: false },
  { path: ".env", want: false },
  { path: "secrets/openai", want: false },
  { path: "examples/langop/secrets.yaml", want: false },
])("the build gets $path: $want", ({ path, want }) => {
  expect(contextFilter(readFileSync(".dockerignore", "utf8"))(path)).toBe(want);
});
