/** An event of a stream, for tests. */
export interface StreamEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

/**
 * The events of a stream that is written as it has to be, for tests: frames end, each has the name of its event, and
 * they are numbered. Throws where one is not.
 */
export function eventsIn(frames: string): readonly StreamEvent[] {
  if (frames !== "" && !frames.endsWith("\n\n")) throw new Error("the last frame has no end");
  const events = frames
    .split("\n\n")
    .filter((frame) => frame !== "" && !frame.startsWith(":"))
    .map((frame) => {
      // Not `.`: it stops at line separators, which JSON may hold as they are.
      const [, name, data = ""] = /^event: ([^\n]*)\ndata: ([^\n]*)$/.exec(frame) ?? [];
      const event = JSON.parse(data) as StreamEvent;
      if (event.type !== name) throw new Error(`an event ${event.type} is called ${name}`);
      return event;
    });
  for (const [index, event] of events.entries())
    if (event["sequence_number"] !== index) throw new Error(`event ${index} has another number`);
  return events;
}
