import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import type { UnsignedRequest } from "../provider.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent: they do not expire. */
  readonly expiration?: Date;
}

const SERVICE = "bedrock";

/**
 * Signs requests with one set of credentials (AWS Signature Version 4). Every request of this provider is a POST. Only
 * the headers that AWS wants signed are: host, date and token. The key derived for a day is kept.
 */
export class RequestSigner {
  readonly #credentials: AwsCredentials;
  readonly #region: string;
  readonly #signedHeaders: string;
  readonly #tokenLine: string;
  #day = "";
  /** As an object: bytes would be made one with every signature, which takes longer than all the rest. */
  #key: KeyObject | undefined;

  constructor(credentials: AwsCredentials, region: string) {
    this.#credentials = credentials;
    this.#region = region;
    const token = credentials.sessionToken;
    this.#signedHeaders = token === undefined ? "host;x-amz-date" : "host;x-amz-date;x-amz-security-token";
    this.#tokenLine = token === undefined ? "" : `x-amz-security-token:${token}\n`;
  }

  /** The headers to add, as a flat list of names and values. */
  sign({ origin, path, body, time }: UnsignedRequest): readonly string[] {
    const iso = new Date(time).toISOString();
    const day = iso.slice(0, 4) + iso.slice(5, 7) + iso.slice(8, 10);
    const moment = `${day}T${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
    const host = origin.slice(origin.indexOf("//") + 2);
    const question = path.indexOf("?");
    const canonicalPath = pathToSign(question < 0 ? path : path.slice(0, question));
    const query = question < 0 ? "" : queryToSign(path.slice(question + 1));
    const request = `POST\n${canonicalPath}\n${query}\nhost:${host}\nx-amz-date:${moment}\n${this.#tokenLine}\n${this.#signedHeaders}\n${hash("sha256", body, "hex")}`;
    const scope = `${day}/${this.#region}/${SERVICE}/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${moment}\n${scope}\n${hash("sha256", request, "hex")}`;
    const signature = createHmac("sha256", this.#keyOf(day)).update(text).digest("hex");
    const { accessKeyId, sessionToken } = this.#credentials;
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${this.#signedHeaders}, Signature=${signature}`;
    return sessionToken === undefined
      ? ["authorization", authorization, "x-amz-date", moment]
      : ["authorization", authorization, "x-amz-date", moment, "x-amz-security-token", sessionToken];
  }

  #keyOf(day: string): KeyObject {
    if (this.#key === undefined || day !== this.#day) {
      const steps = [day, this.#region, SERVICE, "aws4_request"];
      this.#key = createSecretKey(
        steps.reduce(hmac, Buffer.from(`AWS4${this.#credentials.secretAccessKey}`)),
      );
      this.#day = day;
    }
    return this.#key;
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** Encodes everything but letters, digits and `-._~`, as AWS does in paths and queries. */
export function encodeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The path is encoded already, and the signature is over it encoded once more, without empty and dot segments. */
function pathToSign(path: string): string {
  const normal = path.includes("//") || path.includes("/.") ? withoutDots(path) : path;
  return encodeUri(normal).replaceAll("%2F", "/");
}

function withoutDots(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return `/${segments.join("/")}${segments.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

function queryToSign(query: string): string {
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals < 0 ? pair : pair.slice(0, equals);
      return [encodedAgain(name), encodedAgain(equals < 0 ? "" : pair.slice(equals + 1))] as const;
    });
  pairs.sort(([name, value], [otherName, otherValue]) =>
    name === otherName ? compare(value, otherValue) : compare(name, otherName),
  );
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

function compare(text: string, other: string): number {
  if (text === other) return 0;
  return text < other ? -1 : 1;
}

/** The one encoding AWS knows, whatever a configured URL was written in. */
function encodedAgain(text: string): string {
  try {
    return encodeUri(decodeURIComponent(text));
  } catch {
    return encodeUri(text);
  }
}
