import type { ClientApi } from "../client-api.ts";
import { readRequest } from "./read-request.ts";
import { ResponseStream } from "./response-stream.ts";
import { writeResponse } from "./write-response.ts";

/**
 * OpenAI's Responses API (`POST /v1/responses`) in front of upstreams of other wires. These keep no state, so what
 * refers to something stored (`previous_response_id`, `conversation`, `prompt`, item references, `background`) is
 * refused. Where upstreams speak Responses themselves, bytes are passed through and nothing of this is used.
 */
export const responsesApi: ClientApi = {
  read: readRequest,
  writeAnswer: writeResponse,
  writeStream: (context) => new ResponseStream(context),
};
