import type { ClientApi } from "../client-api.ts";
import { MessageStream } from "./message-stream.ts";
import { readRequest } from "./read-request.ts";
import { writeMessage } from "./write-message.ts";

/**
 * Anthropic's Messages API (`POST /v1/messages`) in front of upstreams of other wires. Where upstreams speak it
 * themselves, bytes are passed through and nothing of this is used.
 */
export const messagesApi: ClientApi = {
  read: readRequest,
  writeAnswer: writeMessage,
  writeStream: (context) => new MessageStream(context),
};
