import { manualClock } from "@gatewright/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { type Follower, type Lead, SingleFlight } from "./single-flight.ts";

const answer: Answer = {
  contentType: "application/json",
  stream: false,
  body: Buffer.from("{}"),
  model: "gpt",
  deployment: "d",
  storedAt: 0,
  usageText: undefined,
};

/** Writes down what becomes of it. */
class Client implements Follower {
  readonly outcomes: string[] = [];
  leads: Lead | undefined;

  take(): void {
    this.outcomes.push("take");
  }

  lead(lead: Lead): void {
    this.outcomes.push("lead");
    this.leads = lead;
  }

  goAlone(): void {
    this.outcomes.push("alone");
  }
}

describe("SingleFlight", () => {
  let clock = manualClock();
  let flights = new SingleFlight(() => ({ cancel() {} }));
  let clients: Client[] = [];

  beforeEach(() => {
    clock = manualClock();
    flights = new SingleFlight((milliseconds, run) => ({ cancel: clock.after(milliseconds, run) }));
    clients = Array.from({ length: 50 }, () => new Client());
  });

  /** The first client leads, the others follow. */
  function fly(): Lead {
    const leads = clients.map((client) => flights.join("key", client, 1000));
    expect(leads.slice(1).every((lead) => lead === undefined)).toBe(true);
    expect(leads[0]).toBeDefined();
    return leads[0]!;
  }

  function outcomes(): readonly string[] {
    return clients.slice(1).map((client) => client.outcomes.join());
  }

  it("gives one leader's answer to 49 who wait", () => {
    fly();
    flights.answered("key", answer);
    expect(outcomes()).toEqual(Array(49).fill("take"));
    expect([flights.size, clock.timers()]).toEqual([0, []]);
    expect(flights.join("key", new Client(), 1000)).toBeDefined();
  });

  it("has exactly one new leader when the first fails, and the others wait for it", () => {
    const first = fly();
    first.fail();
    expect(outcomes()).toEqual(["lead", ...Array(48).fill("")]);
    // Whatever the old one still says is not heard.
    first.fail();
    first.release();
    expect(outcomes()).toEqual(["lead", ...Array(48).fill("")]);
    expect(flights.join("key", new Client(), 1000)).toBeUndefined();
    flights.answered("key", answer);
    clients[1]!.leads!.fail();
    expect(outcomes()).toEqual(["lead", ...Array(48).fill("take")]);
  });

  it("lets all go when the second leader fails as well", () => {
    fly().fail();
    clients[1]!.leads!.fail();
    expect(outcomes()).toEqual(["lead", ...Array(48).fill("alone")]);
    expect([flights.size, clock.timers()]).toEqual([0, []]);
  });

  it("lets all go at once when the answer is none that is kept", () => {
    fly().release();
    expect(outcomes()).toEqual(Array(49).fill("alone"));
    expect(flights.size).toBe(0);
  });

  it("is over when a leader without followers fails", () => {
    flights.join("key", new Client(), 1000)!.fail();
    expect(flights.size).toBe(0);
  });

  it("lets a follower go when its patience ends, and does not answer it again", async () => {
    fly();
    await clock.advance(1000);
    expect(outcomes()).toEqual(Array(49).fill("alone"));
    flights.answered("key", answer);
    expect(outcomes()).toEqual(Array(49).fill("alone"));
  });

  it("drops a follower whose client leaves", () => {
    const lead = fly();
    flights.leave("key", clients[1]!);
    lead.fail();
    expect(outcomes()).toEqual(["", "lead", ...Array(47).fill("")]);
  });

  it("does not take an old leader for the new one of the same question", () => {
    const old = fly();
    flights.answered("key", answer);
    const follower = new Client();
    const lead = flights.join("key", new Client(), 1000);
    flights.join("key", follower, 1000);
    old.release();
    old.fail();
    expect(follower.outcomes).toEqual([]);
    lead?.release();
    expect(follower.outcomes).toEqual(["alone"]);
  });

  it("keeps different questions apart", () => {
    expect(flights.join("a", new Client(), 1000)).toBeDefined();
    expect(flights.join("b", new Client(), 1000)).toBeDefined();
  });
});
