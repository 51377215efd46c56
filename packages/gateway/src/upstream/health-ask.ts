import type { Dispatcher } from "undici";
import type { Ask } from "../route/health-check.ts";
import type { Deployment } from "../snapshot/snapshot.ts";

/**
 * Asks an upstream for its list of models, which costs nothing (decisions.md, `/health`). An upstream that has no such
 * list is there all the same; one that does not take the key, fails or cannot be reached is not well. Upstreams whose
 * every request has an authorization of its own (AWS, Google) are not asked: they are judged by what passes.
 */
export const askUpstream: Ask<Deployment> = (deployment, done) => {
  if (deployment.mock !== undefined || deployment.authorizer !== undefined) {
    done(true);
    return { cancel: () => {} };
  }
  const question = new Question(done);
  const base = new URL(deployment.apiBase);
  deployment.pools.pool(deployment.origin).dispatch(
    {
      path: `${base.pathname.replace(/\/$/, "")}/models${base.search}`,
      method: "GET",
      headers: deployment.requestHeaders,
    },
    question,
  );
  return question;
};

/** One question under way. */
class Question implements Dispatcher.DispatchHandler {
  readonly #done: (healthy: boolean) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;

  constructor(done: (healthy: boolean) => void) {
    this.#done = done;
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(new Error("the answer is not waited for any more"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error("cancelled"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    this.#end(status < 500 && status !== 401 && status !== 403);
    // The list itself may be long, and nobody reads it.
    controller.abort(new Error("the status is answer enough"));
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#end(false);
  }

  onResponseError(): void {
    this.#end(false);
  }

  #end(healthy: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#done(healthy);
  }
}
