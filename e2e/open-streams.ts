import { type FakeUpstream, type ReadStream, readStream, waitFor } from "@gatewright/testkit";

/** Streams that are open until the upstream releases them. */
export interface OpenStreams {
  readonly count: number;
  /** Lets them come to their end and reads them. */
  finish(): Promise<readonly ReadStream[]>;
}

/** Opens `count` streams of a chat, one after the other over the addresses. The upstream's script must hold them. */
export async function openStreams(
  upstream: FakeUpstream,
  addresses: readonly string[],
  { count, model, key }: { readonly count: number; readonly model: string; readonly key: string },
): Promise<OpenStreams> {
  const before = upstream.stats.openStreams;
  const reading = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const response = await fetch(`${addresses[index % addresses.length]}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        // Longer than any roll-out: the models' own limit on time is another subject.
        // With the usage that the gateway asks for anyway, every frame of the upstream is the reader's.
        body: JSON.stringify({
          model,
          messages: [{ role: "user", content: "hi" }],
          stream: true,
          stream_options: { include_usage: true },
          timeout: 3600,
        }),
      });
      if (response.status !== 200 || response.body === null) throw new Error(await response.text());
      // Read from now on: nobody shall wait for the reader.
      return { read: readStream(response.body) };
    }),
  );
  await waitFor("all streams upstream", () => upstream.stats.openStreams === before + count);
  return {
    count,
    async finish() {
      upstream.release();
      return Promise.all(reading.map(({ read }) => read));
    },
  };
}
