import type { Message } from "@gatewright/call";
import { invalid, listAt, missing, objectAt } from "../field.ts";
import { ContentReader, readTexts } from "./read-content.ts";

/** Reads `system` and `messages`. */
export function readMessages(system: unknown, value: unknown): readonly Message[] {
  const messages: Message[] = [];
  if (system !== undefined && system !== null) {
    const parts = readTexts(system, "system");
    if (parts.length > 0) messages.push({ role: "system", parts });
  }
  const reader = new ContentReader();
  for (const [index, item] of listAt(value, "messages").entries()) {
    const path = `messages[${index}]`;
    const { content, role } = objectAt(item, path);
    switch (role) {
      case "user":
      case "assistant":
        messages.push({ role, parts: reader.read(content, `${path}.content`) });
        break;
      case "system":
        messages.push({ role, parts: readTexts(content, `${path}.content`) });
        break;
      case undefined:
        return missing(`${path}.role`);
      default:
        return invalid(`${path}.role`, "user, assistant or system");
    }
  }
  return messages;
}
