import { personaStatus } from "@gatewright/dialects";
import { type Controller, done, type KubernetesObject, type Outcome, source } from "@gatewright/reconcile";
import type { LangopContext } from "./context.ts";
import { addFinalizer, hasFinalizer, removeFinalizer } from "./finalizer.ts";
import { langopTypes } from "./langop-types.ts";
import { resourceOf } from "./resource.ts";
import { createStatusWriter } from "./status-writer.ts";

const type = langopTypes.LanguagePersona;

/** Reconciles LanguagePersonas: their status; agents take them on by themselves (langop.md §2.6). */
export function personaController(
  context: LangopContext,
  options: { readonly concurrency: number },
): Controller {
  const { client, stores } = context;
  const status = createStatusWriter({ client, type, events: context.events, now: context.now });

  async function reconcile(key: string): Promise<Outcome> {
    const object = stores.personas.store.get(key);
    if (object === undefined) {
      status.forget(key);
      return done;
    }
    if (object.metadata.deletionTimestamp !== undefined) return removeFinalizer(client, type, object);
    if (!hasFinalizer(object)) return addFinalizer(client, type, object);
    const { intent, findings } = personaStatus(resourceOf(object));
    await status.write(object, intent, findings);
    return done;
  }

  return {
    name: "languagepersona",
    concurrency: options.concurrency,
    sources: [
      source(stores.personas, ({ metadata }: KubernetesObject) => [
        `${metadata.namespace ?? ""}/${metadata.name}`,
      ]),
    ],
    reconcile,
  };
}
