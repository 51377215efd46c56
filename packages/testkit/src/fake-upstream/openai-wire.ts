import { errorBody, jsonAnswer, streamFrames } from "./answers.ts";
import { openaiProblem } from "./openai-problem.ts";
import type { FakeWire, Fields, Operation } from "./wire.ts";

const operations: readonly (readonly [suffix: string, operation: Operation])[] = [
  ["/chat/completions", "chat"],
  ["/completions", "completion"],
  ["/embeddings", "embedding"],
];

/** OpenAI's wire, under any base path and in Azure's form. */
export const openaiWire: FakeWire = {
  ask(path, body) {
    const operation = operations.find(([suffix]) => path.endsWith(suffix))?.[1];
    if (operation === undefined) return undefined;
    const fields = withDeployment(body, path);
    return {
      operation,
      model: typeof fields["model"] === "string" ? fields["model"] : "",
      stream: fields["stream"] === true && operation !== "embedding",
      fields,
    };
  },
  problem({ operation, fields }) {
    const message = operation === "chat" ? openaiProblem(fields) : undefined;
    return message === undefined ? undefined : { status: 400, message };
  },
  answer: ({ operation, fields }, behaviour) => jsonAnswer(operation, fields, behaviour),
  streamContentType: "text/event-stream; charset=utf-8",
  *frames({ operation, fields }, behaviour) {
    for (const frame of streamFrames(operation, fields, behaviour))
      yield `data: ${JSON.stringify(frame)}\n\n`;
  },
  closing: "data: [DONE]\n\n",
  malformedFrame: 'data: {"id": "broken\n\n',
  errorFrame: (message) => `data: ${errorBody({ status: 500, message })}\n\n`,
  errorBody,
};

/** Azure's form names the model in the path, and its clients may leave it out of the body. */
function withDeployment(fields: Fields, path: string): Fields {
  const deployment = /\/openai\/deployments\/([^/]+)\//.exec(path)?.[1];
  return deployment === undefined ? fields : { ...fields, model: decodeURIComponent(deployment) };
}
