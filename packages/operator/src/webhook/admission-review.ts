import type { AdmissionAnswer, ReviewedKind, ReviewedObject } from "@gatewright/dialects";

/** Decides about one object; `requester` is the name of the user who wants it so, absent when nobody says. */
export type Admit = (
  kind: ReviewedKind,
  object: ReviewedObject,
  old: ReviewedObject | undefined,
  requester: string | undefined,
) => AdmissionAnswer;

/** The body of an answer, or why the request is none that can be answered. */
export type ReviewResult =
  | { readonly kind: "answer"; readonly body: object; readonly allowed: boolean }
  | { readonly kind: "bad-request"; readonly text: string };

/**
 * Answers an AdmissionReview (admission.k8s.io/v1). Nothing is written anywhere, so a dry run is like any other. A
 * review that fails is a refusal that says so: an object nobody could look at is not let in.
 */
export function answerReview(
  kind: ReviewedKind,
  body: string,
  admit: Admit,
  failed: (error: unknown) => void,
): ReviewResult {
  let review: unknown;
  try {
    review = JSON.parse(body);
  } catch {
    return { kind: "bad-request", text: "The body is not JSON." };
  }
  const request = isRecord(review) ? review["request"] : undefined;
  if (!isRecord(review) || review["kind"] !== "AdmissionReview" || !isRecord(request)) {
    return { kind: "bad-request", text: "The body is no AdmissionReview with a request." };
  }
  if (review["apiVersion"] !== "admission.k8s.io/v1") {
    return { kind: "bad-request", text: "Only AdmissionReview of admission.k8s.io/v1 is answered." };
  }
  const { uid } = request;
  if (typeof uid !== "string" || uid === "") {
    return { kind: "bad-request", text: "The request has no uid." };
  }
  const answer = decide(kind, request, admit, failed);
  return { kind: "answer", allowed: answer.allowed, body: responseBody(uid, answer) };
}

function decide(
  kind: ReviewedKind,
  request: { readonly [member: string]: unknown },
  admit: Admit,
  failed: (error: unknown) => void,
): AdmissionAnswer {
  const object = reviewedObject(request["object"]);
  // Deletion has no object, and is nobody's business here.
  if (object === undefined) return { allowed: true, reasons: [], warnings: [] };
  try {
    return admit(kind, object, reviewedObject(request["oldObject"]), requesterOf(request["userInfo"]));
  } catch (error) {
    failed(error);
    const reason = `The ${kind} could not be reviewed, because of a defect of the operator; its log says more.`;
    return { allowed: false, reasons: [reason], warnings: [] };
  }
}

function responseBody(uid: string, { allowed, reasons, warnings }: AdmissionAnswer): object {
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid,
      allowed,
      ...(allowed ? {} : { status: { code: 422, reason: "Invalid", message: reasons.join("\n") } }),
      ...(warnings.length === 0 ? {} : { warnings }),
    },
  };
}

function requesterOf(userInfo: unknown): string | undefined {
  const name = isRecord(userInfo) ? textOf(userInfo["username"]) : "";
  return name === "" ? undefined : name;
}

/** The object with metadata of the right types; the spec is for the schemas to judge. */
function reviewedObject(value: unknown): ReviewedObject | undefined {
  if (!isRecord(value)) return undefined;
  const metadata = isRecord(value["metadata"]) ? value["metadata"] : {};
  const { namespace, deletionTimestamp } = metadata;
  return {
    apiVersion: textOf(value["apiVersion"]),
    kind: textOf(value["kind"]),
    metadata: {
      name: textOf(metadata["name"]),
      ...(typeof namespace === "string" ? { namespace } : {}),
      ...(typeof deletionTimestamp === "string" ? { deletionTimestamp } : {}),
      labels: textsOf(metadata["labels"]),
      annotations: textsOf(metadata["annotations"]),
    },
    // Schemas refuse what is no object, with a path.
    ...(value["spec"] === undefined ? {} : { spec: value["spec"] as NonNullable<ReviewedObject["spec"]> }),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): { readonly [key: string]: string } {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function isRecord(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
