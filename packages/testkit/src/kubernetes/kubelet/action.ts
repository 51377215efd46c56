import { execFile } from "node:child_process";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { pause } from "./pause.ts";
import type { Action } from "./pod.ts";
import type { Place } from "./pod-network.ts";

/** What an action needs to know of its container. */
export interface ActionContext {
  /** Where a port of the container, by number or name, is reached. */
  readonly place: (port: number | string) => Place;
  /** A command line of the container, ready to be run here. */
  readonly command: (words: readonly string[]) => readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
}

/** Does what a probe or a hook says. Undefined: it succeeded; else why not. Ends with the signal. */
export async function perform(
  action: Action,
  context: ActionContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    if (action.sleep !== undefined) await pause(action.sleep.seconds * 1000, signal);
    else if (action.httpGet !== undefined) await get(action.httpGet, context, signal);
    else if (action.tcpSocket !== undefined) await dial(context.place(action.tcpSocket.port), signal);
    else if (action.exec !== undefined) await run(action.exec.command ?? [], context, signal);
    else return "the process kubelet knows exec, httpGet, tcpSocket and sleep only";
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function get(
  action: NonNullable<Action["httpGet"]>,
  context: ActionContext,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { host, port } = context.place(action.port);
    const send = action.scheme === "HTTPS" ? httpsRequest : httpRequest;
    const headers = Object.fromEntries((action.httpHeaders ?? []).map(({ name, value }) => [name, value]));
    // A connection of its own each time, as the real one: a kept one would hide that nobody accepts any more.
    const options = { host, port, path: action.path || "/", agent: false, rejectUnauthorized: false };
    const request = send(
      { ...options, headers: { "user-agent": "kube-probe/1.35", ...headers }, signal },
      (answer) => {
        answer.resume();
        const { statusCode = 0 } = answer;
        if (statusCode >= 200 && statusCode < 400) resolve();
        else reject(new Error(`HTTP probe failed with statuscode: ${statusCode}`));
      },
    );
    request.once("error", reject);
    request.end();
  });
}

function dial({ host, port }: Place, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

function run(words: readonly string[], context: ActionContext, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const [program = "", ...args] = context.command(words);
    const options = { cwd: context.folder, env: context.environment, signal };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${error.message}\n${stdout}${stderr}`));
    });
  });
}
