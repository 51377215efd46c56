import type { IncomingMessage } from "node:http";
import { apiError } from "@gatewright/litellm";
import { readAway } from "../edge/read-away.ts";
import type { Exchange } from "../exchange.ts";
import { Form } from "../upstream/form.ts";
import { formBoundary } from "../wire/form-boundary.ts";
import { connectionRefusal } from "./admit.ts";
import type { Next } from "./stage.ts";

/** Forms up to this long are received as a whole, so that all of their texts are known and a failed call can be repeated. */
const WHOLE_BYTES = 256 << 10;

/**
 * Receives a form until its model is known, and leaves the rest with the client until an upstream takes it. Where files
 * come before the model, they are gathered, up to the limit of all bodies.
 */
export function receiveForm(exchange: Exchange, next: Next): void {
  const { request, response, snapshot } = exchange;
  const limit = snapshot.bodyLimit;
  const announced = announcedLength(request);
  if (announced !== undefined && announced > limit)
    return exchange.fail(apiError("body_too_large", { limit }));
  const contentType = request.headers["content-type"];
  const boundary = formBoundary(contentType);
  if (contentType === undefined || boundary === undefined)
    return exchange.fail(apiError("field_invalid", { field: "content-type", wanted: neededType }));
  const form = new Form({
    ...{ exchange, contentType, boundary, announced, limit },
    refusalOf: connectionRefusal,
  });
  exchange.form = form;
  const toTheEnd = announced !== undefined && announced <= WHOLE_BYTES;
  const onData = (chunk: Buffer): void => {
    const error = form.receive(chunk);
    if (error !== undefined) stop();
    if (error !== undefined) return exchange.fail(error);
    if (!form.named || toTheEnd) return;
    stop();
    request.pause();
    // An answer may be complete without anybody having taken the rest.
    response.once("finish", () => readAway(request));
    next(exchange);
  };
  const onEnd = (): void => {
    if (exchange.over) return;
    const error = form.end();
    if (error === undefined) next(exchange);
    else exchange.fail(error);
  };
  const stop = (): void => {
    request.off("data", onData).off("end", onEnd);
  };
  request.on("data", onData).on("end", onEnd);
}

const neededType = "multipart/form-data with a boundary";

/** Undefined for a body that comes in HTTP's own chunks. */
function announcedLength(request: IncomingMessage): number | undefined {
  const text = request.headers["content-length"];
  return text === undefined ? undefined : Number(text);
}
