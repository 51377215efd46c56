/** One field of a protobuf message: bytes, or the number of a varint or fixed-width field. */
interface Field {
  readonly number: number;
  readonly bytes: Buffer | undefined;
  readonly value: bigint;
}

/** A span as a collector gets it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly state: string;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: { readonly [name: string]: unknown };
  readonly error: string | undefined;
}

/** What an OTLP request for traces holds. Reads just enough of the format to test what we send. */
export function readTraces(body: Buffer): {
  readonly resource: { readonly [name: string]: unknown };
  readonly spans: readonly ReceivedSpan[];
} {
  const resourceSpans = messages(body, 1);
  const resource = resourceSpans.flatMap((one) => messages(one, 1)).flatMap((one) => messages(one, 1));
  const spans = resourceSpans.flatMap((one) => messages(one, 2)).flatMap((scope) => messages(scope, 2));
  return { resource: attributesOf(resource), spans: spans.map(spanOf) };
}

function spanOf(bytes: Buffer): ReceivedSpan {
  const status = messages(bytes, 15)[0] ?? Buffer.alloc(0);
  return {
    traceId: text(bytes, 1, "hex"),
    spanId: text(bytes, 2, "hex"),
    state: text(bytes, 3),
    parentSpanId: text(bytes, 4, "hex"),
    name: text(bytes, 5),
    kind: Number(number(bytes, 6)),
    start: number(bytes, 7),
    end: number(bytes, 8),
    attributes: attributesOf(messages(bytes, 9)),
    error: number(status, 3) === 2n ? text(status, 2) : undefined,
  };
}

function attributesOf(pairs: readonly Buffer[]): { [name: string]: unknown } {
  return Object.fromEntries(
    pairs.map((pair) => [text(pair, 1), attributeValue(messages(pair, 2)[0] ?? Buffer.alloc(0))]),
  );
}

function attributeValue(any: Buffer): unknown {
  for (const { number: field, bytes, value } of fields(any)) {
    if (field === 1) return bytes?.toString();
    if (field === 2) return value === 1n;
    if (field === 3) return Number(value);
    if (field === 4) {
      const eight = Buffer.alloc(8);
      eight.writeBigUInt64LE(value);
      return eight.readDoubleLE();
    }
  }
  return undefined;
}

function messages(bytes: Buffer, wanted: number): Buffer[] {
  return fields(bytes).flatMap((field) => (field.number === wanted && field.bytes ? [field.bytes] : []));
}

function text(bytes: Buffer, wanted: number, encoding: "utf8" | "hex" = "utf8"): string {
  return messages(bytes, wanted)[0]?.toString(encoding) ?? "";
}

function number(bytes: Buffer, wanted: number): bigint {
  return fields(bytes).find((field) => field.number === wanted)?.value ?? 0n;
}

function fields(bytes: Buffer): Field[] {
  const found: Field[] = [];
  let place = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(place++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (place < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    switch (tag & 7) {
      case 0:
        found.push({ number: field, bytes: undefined, value: varint() });
        break;
      case 1:
        found.push({ number: field, bytes: undefined, value: bytes.readBigUInt64LE(place) });
        place += 8;
        break;
      case 2: {
        const length = Number(varint());
        found.push({ number: field, bytes: bytes.subarray(place, place + length), value: 0n });
        place += length;
        break;
      }
      case 5:
        found.push({ number: field, bytes: undefined, value: BigInt(bytes.readUInt32LE(place)) });
        place += 4;
        break;
      default:
        throw new Error(`wire type ${tag & 7}`);
    }
  }
  return found;
}
