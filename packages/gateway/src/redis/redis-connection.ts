import type { Cluster, Redis } from "ioredis";
import type { RedisOptions } from "./redis-settings.ts";

/** A Lua script, and the digest that stands for it once a server knows it. */
export interface RedisScript {
  readonly text: string;
  /** SHA-1, hexadecimal. */
  readonly sha: string;
}

/** What becomes of a command: an answer, or why there is none. */
export type RedisDone = (failure: RedisFailure | undefined, answer: unknown) => void;

/** `timeout`: no answer in time; `connection`: none to ask; `command`: Redis refuses the command itself. */
export type RedisFailure = "timeout" | "connection" | "command";

/** How the life of the connection is told. */
export interface RedisEvents {
  /** Redis answers again, or for the first time. */
  up(): void;
  /** Once for each outage. */
  down(reason: string): void;
  failed(failure: RedisFailure): void;
}

type Client = Redis | Cluster;

interface Pending {
  readonly done: RedisDone;
  readonly until: number;
  /** Only a look whether Redis is back: that it is not yet is no further failure. */
  readonly look: boolean;
  over: boolean;
}

/** How often Redis is asked whether it answers again. */
const PROBE_MILLISECONDS = 250;

/** A Redis that has not answered for so long since it was named is down; before, it may only be connecting. */
const FIRST_ANSWER_MILLISECONDS = 1_000;

/**
 * The process's one connection to Redis. Nothing here throws or waits for longer than the time-out: while Redis does
 * not answer, `healthy` is false, commands fail at once, and a look every quarter of a second finds out when it is
 * back. The library is loaded when a document first names a Redis.
 */
export class RedisConnection {
  /** Redis answered last time. */
  healthy = false;
  readonly #events: RedisEvents;
  #options: RedisOptions | undefined;
  #configuredAt = 0;
  #client: Client | undefined;
  /** Sent, oldest first; all have the same time to live, so the first is always the first to expire. */
  #pending: Pending[] = [];
  #expiry: NodeJS.Timeout | undefined;
  #probe: NodeJS.Timeout | undefined;
  #probing = false;
  #told: "nothing" | "up" | "down" = "nothing";

  constructor(events: RedisEvents) {
    this.#events = events;
  }

  /** A document names a Redis. */
  get configured(): boolean {
    return this.#options !== undefined;
  }

  /** Prefix of all keys, with no `{` or `}`: these choose the node of a cluster. */
  get prefix(): string {
    return this.#options?.prefix.replace(/[{}]/g, "_") ?? "";
  }

  /** Uses this Redis from now on, or none. The connection stays when the options are those it was made with. */
  configure(options: RedisOptions | undefined): void {
    if (sameOptions(this.#options, options)) return;
    this.#disconnect();
    this.#options = options;
    if (options === undefined) return;
    this.#configuredAt = performance.now();
    this.#probe = setInterval(() => this.#look(), PROBE_MILLISECONDS).unref();
    import("./connect-redis.ts").then(
      ({ connectRedis }) => {
        if (this.#options !== options) return;
        const client = connectRedis(options, (reason) => this.#lost(options, reason));
        this.#client = client;
        client.on("ready", () => this.#look());
      },
      (error: unknown) => this.#lost(options, textOf(error)),
    );
  }

  /** Sends a command; keys of a cluster's commands are found by the library. `buffers`: answer bytes, not text. */
  send(command: string, args: readonly (string | Buffer | number)[], done: RedisDone, buffers = false): void {
    if (!this.healthy) return done("connection", undefined);
    this.#send(command, args, done, buffers, false);
  }

  /** Runs a script by its digest, and by its text where the server has never seen it. */
  evaluate(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
    done: RedisDone,
  ): void {
    this.send("EVALSHA", [script.sha, keys.length, ...keys, ...args], (failure, answer) => {
      if (failure === "command" && isUnknownScript(answer)) {
        return this.send("EVAL", [script.text, keys.length, ...keys, ...args], done);
      }
      done(failure, answer);
    });
  }

  /** Ends the connection; commands under way fail. */
  close(): void {
    this.configure(undefined);
  }

  #send(
    command: string,
    args: readonly (string | Buffer | number)[],
    done: RedisDone,
    buffers: boolean,
    look: boolean,
  ): void {
    const client = this.#client;
    const options = this.#options;
    if (client === undefined || options === undefined) return done("connection", undefined);
    const until = performance.now() + options.timeoutMilliseconds;
    const pending: Pending = { done, until, look, over: false };
    this.#pending.push(pending);
    this.#expiry ??= setTimeout(() => this.#expire(), options.timeoutMilliseconds + 1).unref();
    const reply = buffers ? callForBytes(client, command, args) : client.call(command, ...args);
    reply.then(
      (answer) => this.#finish(pending, undefined, answer),
      (error: unknown) => this.#finish(pending, failureOf(error), error),
    );
  }

  #finish(pending: Pending, failure: RedisFailure | undefined, answer: unknown): void {
    if (pending.over) return;
    pending.over = true;
    while (this.#pending[0]?.over === true) this.#pending.shift();
    if (failure !== undefined && !pending.look && !isUnknownScript(answer)) this.#events.failed(failure);
    const connecting = pending.look && performance.now() - this.#configuredAt < FIRST_ANSWER_MILLISECONDS;
    if (failure === "connection" && !connecting) this.#set(false, textOf(answer));
    if (failure === "timeout" && !connecting) this.#set(false, "no answer in time");
    pending.done(failure, answer);
  }

  /**
   * Time-outs have passed, or this process stood still for as long: what has come in meanwhile is read first, because
   * one long stop of ours must not pass for one of Redis.
   */
  #expire(): void {
    setImmediate(() => {
      const now = performance.now();
      this.#expiry = undefined;
      const late = this.#pending.filter(({ until, over }) => !over && until <= now);
      for (const pending of late) this.#finish(pending, "timeout", undefined);
      const next = this.#pending[0];
      if (next !== undefined && this.#expiry === undefined) {
        this.#expiry = setTimeout(() => this.#expire(), Math.max(1, next.until - now + 1)).unref();
      }
    });
  }

  /** Does it answer again? One question at a time, so that a Redis that stands still does not find a heap of them. */
  #look(): void {
    if (this.healthy || this.#probing) return;
    this.#probing = true;
    this.#send(
      "PING",
      [],
      (failure) => {
        this.#probing = false;
        if (failure === undefined) this.#set(true, "");
      },
      false,
      true,
    );
  }

  #lost(options: RedisOptions, reason: string): void {
    if (this.#options === options) this.#set(false, reason);
  }

  #set(healthy: boolean, reason: string): void {
    this.healthy = healthy;
    const told = healthy ? "up" : "down";
    if (this.#told === told) return;
    this.#told = told;
    if (healthy) this.#events.up();
    else this.#events.down(reason);
  }

  #disconnect(): void {
    clearInterval(this.#probe);
    clearTimeout(this.#expiry);
    this.#expiry = undefined;
    this.#client?.disconnect();
    this.#client = undefined;
    this.healthy = false;
    this.#probing = false;
    this.#told = "nothing";
    const left = this.#pending;
    this.#pending = [];
    for (const pending of left) {
      if (pending.over) continue;
      pending.over = true;
      pending.done("connection", undefined);
    }
  }
}

/** The library's `callBuffer` loses the command's name when it pipelines (6.0.0); the commands' own methods do not. */
function callForBytes(
  client: Client,
  command: string,
  args: readonly (string | Buffer | number)[],
): Promise<unknown> {
  const method = client[`${command.toLowerCase()}Buffer` as "callBuffer"];
  return (method as (...args: readonly unknown[]) => Promise<unknown>).apply(client, [...args]);
}

function sameOptions(one: RedisOptions | undefined, other: RedisOptions | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    JSON.stringify(one) === JSON.stringify(other) &&
    one.password?.reveal() === other.password?.reveal() &&
    sentinelPassword(one) === sentinelPassword(other)
  );
}

function sentinelPassword({ place }: RedisOptions): string | undefined {
  return place.kind === "sentinel" ? place.sentinelPassword?.reveal() : undefined;
}

/** An error that Redis itself answered with says so by its name; all others mean that there was no answer. */
function failureOf(error: unknown): RedisFailure {
  return error instanceof Error && error.name === "ReplyError" ? "command" : "connection";
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

function textOf(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : "no connection";
}
