import * as z from "zod";
import { customerSchema, keySchema, teamSchema, userSchema } from "./account.ts";
import { block, entries } from "./block.ts";
import { flag, integer, list, number, requiredText, seconds, secret, text, textList } from "./leaf.ts";

/** `gatewright.limits[]`: a hard limit at the gateway. */
const limit = block("A hard limit at the gateway", {
  name: requiredText("Name, for messages and metrics"),
  model: text(
    "Resource name (`gatewright.models`) or model name whose deployments share it; absent: the whole gateway",
  ),
  deployment: text("Id of the one deployment it is for"),
  agent: text(
    "Id of the one agent it is for, whatever model it asks for; `model` and `deployment` mean nothing beside it",
  ),
  requests_per_minute: number("Requests per minute"),
  tokens_per_minute: number("Tokens per minute, prompt and answer"),
  input_tokens_per_minute: number("Prompt tokens per minute"),
  output_tokens_per_minute: number("Answer tokens per minute"),
  parallel_requests: integer("Requests at once"),
  request_size_megabytes: number("Largest request body, megabytes"),
  response_size_megabytes: number("Largest answer, megabytes"),
  algorithm: text("How a minute is counted", {
    default: "fixed-window",
    values: ["fixed-window", "gcra"],
    strict: true,
  }),
  burst: number("GCRA: how much of a minute's amount may be used at once, else a tenth of it"),
  queue: block("Requests over the limit wait first", {
    size: integer("How many may wait; 0 refuses at once", { default: 100 }),
    wait_seconds: seconds("How long one waits before it is refused", { default: 10 }),
  }).optional(),
});

/** `gatewright.models.<resource>.route`: the plan's `ModelRoute` in snake case. */
const route = block("Routing of this model alone", {
  strategy: text("How one deployment is picked"),
  retry: block("Retries", {
    attempts: integer("Retries per request"),
    initial_backoff_seconds: seconds("Wait before the first"),
    max_backoff_seconds: seconds("Longest wait"),
    backoff_multiplier: number("How the wait grows"),
    status_codes: list("Statuses that are retried"),
  }).optional(),
  fallbacks: z
    .array(
      block("Where requests go when the model fails", {
        model: requiredText("Resource name or model name"),
        conditions: textList("Failures it is meant for"),
      }),
    )
    .optional(),
  endpoints: z
    .array(
      block("What an endpoint adds to its deployment", {
        id: requiredText("Deployment id"),
        weight: number("Share of the requests"),
        region: text("Region"),
        priority: integer("Lower first"),
      }),
    )
    .optional(),
  health_check: block("Health checks", {
    enabled: flag("Check"),
    interval_seconds: seconds("How often"),
    timeout_seconds: seconds("Longest time of a check"),
    unhealthy_threshold: integer("Failures that take a deployment out"),
    healthy_threshold: integer("Successes that bring it back"),
  }).optional(),
  regions: list("Regions the model is served from"),
});

/** `gatewright.models.<resource>`: settings of one model, which LiteLLM has for the whole process only. */
const model = block("One model under its resource name", {
  model_name: text("Public name of its group in `model_list`"),
  deployments: textList("Ids of its deployments (`model_info.id`)"),
  route: route.optional(),
  cache: block("Cache of this model alone", {
    enabled: flag("Cache answers"),
    ttl_seconds: seconds("How long answers live"),
    max_size_megabytes: number("Size of the cache"),
    backend: text("Where"),
  }).optional(),
  telemetry: block("Telemetry of this model alone", {
    metrics: flag("Count its requests"),
    tracing: flag("Trace its requests"),
    log_level: text("Least level logged"),
    log_requests: flag("Log its requests"),
    log_responses: flag("Log its answers"),
  }).optional(),
  budget: block("Prices of this model alone", {
    currency: text("Currency"),
    input_per_thousand_tokens: number("Price of 1,000 prompt tokens"),
    output_per_thousand_tokens: number("Price of 1,000 completion tokens"),
  }).optional(),
});

/** `gatewright`: what LiteLLM's format cannot say. LiteLLM ignores the key (design.md, decisions.md). */
export const gatewrightSchema = block("What LiteLLM's format cannot say; LiteLLM ignores it", {
  requires: textList("Features the gateway must have, or it refuses the document"),
  allow_unsupported: textList("Protective settings to go without where the native engine lacks them"),
  agent_keys: block("Clients need agent keys", {
    secret: secret("HMAC secret the keys are checked with"),
  }).optional(),
  agents: z
    .array(
      block("An agent whose key the gateway knows by name", {
        id: requiredText("UID of the agent, which its key is signed for"),
        name: requiredText("Name, for messages and metrics"),
      }),
    )
    .optional(),
  limits: z.array(limit).optional(),
  keys: z.array(keySchema).optional(),
  teams: z.array(teamSchema).optional(),
  users: z.array(userSchema).optional(),
  customers: z.array(customerSchema).optional(),
  redis: block("How state that replicas share in Redis is used (`router_settings.redis_*`, `cache_params`)", {
    timeout_seconds: seconds("Longest wait for an answer of Redis", { default: 0.1 }),
    when_unavailable: text(
      "What limits do without Redis: count locally, each replica its share, or refuse requests",
      { default: "local", values: ["local", "refuse"], strict: true },
    ),
  }).optional(),
  explain: block("What `GET /gatewright/requests/{id}` knows", {
    requests: integer("How many requests are remembered; 0 none", { default: 200 }),
  }).optional(),
  models: entries(model).optional(),
  timeouts: block("Further time-outs", {
    stream_idle_seconds: seconds("Longest silence inside a stream"),
  }).optional(),
});
