import type { Container, ContainerStatus } from "./pod.ts";

/** The status of a container whose image this machine cannot run: as well as can be. */
export function unrunContainer(
  { name, image }: Container,
  kind: "main" | "init",
  now: string,
): ContainerStatus {
  const times = { startedAt: now, finishedAt: now };
  return {
    name,
    image,
    imageID: `unrun://${image}`,
    ready: true,
    started: kind === "main",
    restartCount: 0,
    state:
      kind === "main"
        ? { running: { startedAt: now } }
        : { terminated: { exitCode: 0, reason: "Completed", ...times } },
    lastState: {},
  };
}
