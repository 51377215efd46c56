import { freePort, type RunningProcess, waitFor } from "@gatewright/testkit";
import { type Answers, firstAnswers } from "./answers.ts";
import type { Entrant } from "./entrant.ts";
import { lastWords, start } from "./program.ts";

/** Something that stands between the load and the upstream, or nothing. */
export interface Contestant {
  readonly name: string;
  readonly port: number;
  /** What the load asks with. */
  readonly headers: { readonly [name: string]: string };
  readonly model: string;
  /** Absent for the upstream itself. */
  readonly process?: RunningProcess;
  /** What its answers are, and so has to be every further one. */
  readonly answers: Answers;
}

/** LiteLLM takes half a minute on a quiet core, and minutes on a busy one. */
const LONGEST_START_MILLISECONDS = 300_000;

/**
 * Starts an entrant and waits for its first answers, which must say what the upstream said. Rejects, with what it wrote,
 * when it ends before, answers something else, or takes much too long.
 */
export async function enter(
  entrant: Entrant,
  upstream: Answers,
): Promise<Contestant & { readonly process: RunningProcess }> {
  const { name, headers, model } = entrant;
  const port = await freePort();
  const program = await entrant.program(port);
  const running = start(program);
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  try {
    const found = await waitFor(
      `the first answer of ${name}`,
      async () => (ended ? "ended" : await firstAnswers({ port, headers, model }, upstream)),
      { capMilliseconds: LONGEST_START_MILLISECONDS },
    );
    if (found !== "ended") return { name, port, headers, model, process: running, answers: found };
  } catch (error) {
    await running.stop();
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    throw new Error(`${error instanceof Error ? error.message : String(error)}${cause}`);
  }
  throw new Error(`it ended before it answered: ${await lastWords(program)}`);
}
