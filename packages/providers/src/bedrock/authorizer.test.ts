import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { CredentialSettings, Place, SecretText, UnsignedRequest } from "../provider.ts";
import { bedrockAuthorizer, RenewingAuthorizer } from "./authorizer.ts";
import type { AwsCredentials } from "./signature.ts";

const secret = (value: string): SecretText => ({ reveal: () => value });
const place: Place = {
  baseUrl: "https://b",
  model: "anthropic.claude-v2",
  apiVersion: undefined,
  region: "eu-west-1",
};
const request = (time = Date.now()): UnsignedRequest => ({
  origin: "https://bedrock-runtime.eu-west-1.amazonaws.com",
  path: "/model/m/converse",
  body: Buffer.from("{}"),
  time,
});
const pair = {
  key: undefined,
  aws_access_key_id: secret("AKPAIR"),
  aws_secret_access_key: secret("pair-secret"),
};

async function headersOf(settings: CredentialSettings, time?: number): Promise<Record<string, string>> {
  const flat = await bedrockAuthorizer(settings, place).authorize(request(time));
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]] as [string, string]),
  );
}

/** A security token service that gives each role the keys `AK<n>`, or refuses. */
class FakeSts {
  readonly asked: Record<string, string>[] = [];
  readonly credentialsOf: string[] = [];
  refusal: string | undefined;
  readonly #server: Server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const form = Object.fromEntries(new URLSearchParams(body));
      this.asked.push(form);
      this.credentialsOf.push(/Credential=([^/]*)/.exec(incoming.headers.authorization ?? "")?.[1] ?? "");
      response.setHeader("content-type", "text/xml");
      if (this.refusal !== undefined) {
        response.statusCode = 403;
        response.end(
          `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${this.refusal}</Message></Error></ErrorResponse>`,
        );
        return;
      }
      const { Action: action } = form;
      const keys = `<AccessKeyId>AK${this.asked.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token-${this.asked.length}</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration>`;
      response.end(
        `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>${keys}</Credentials></${action}Result></${action}Response>`,
      );
    });
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  forget(): void {
    this.asked.length = 0;
    this.credentialsOf.length = 0;
    this.refusal = undefined;
  }
}

const sts = new FakeSts();
let folder = "";
beforeAll(async () => {
  await sts.start();
  folder = await mkdtemp(join(tmpdir(), "gatewright-aws-"));
});
afterAll(async () => {
  await sts.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  // Whatever the machine has is none of these tests' business.
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  sts.forget();
});

describe("bedrockAuthorizer", () => {
  it("sends an API key as a bearer token", async () => {
    expect(await headersOf({ key: secret("bedrock-key") })).toEqual({ authorization: "Bearer bedrock-key" });
  });

  it("signs with a key pair at once, with the token where there is one", async () => {
    expect(bedrockAuthorizer(pair, place).authorize(request())).toBeInstanceOf(Array);
    expect(await headersOf({ ...pair, aws_session_token: secret("t") })).toMatchObject({
      authorization: expect.stringContaining("Credential=AKPAIR/"),
      "x-amz-security-token": "t",
    });
  });

  it.each<{ why: string; settings: Partial<CredentialSettings>; message: string }>([
    {
      why: "an id alone",
      settings: { aws_access_key_id: secret("AKID") },
      message: "aws_access_key_id is there without its aws_secret_access_key",
    },
    {
      why: "a secret alone",
      settings: { aws_secret_access_key: secret("s") },
      message: "aws_secret_access_key is there without its aws_access_key_id",
    },
    {
      why: "a token alone",
      settings: { aws_session_token: secret("t") },
      message: "aws_session_token is there without",
    },
    {
      why: "a web identity without a role",
      settings: { aws_web_identity_token: secret("jwt") },
      message: "aws_web_identity_token needs aws_role_name",
    },
    {
      why: "an identity provider that is not spoken",
      settings: { aws_web_identity_token: secret("oidc/circleci/"), aws_role_name: "r" },
      message: "oidc/circleci is not supported",
    },
  ])("refuses $why when the deployment is prepared", ({ settings, message }) => {
    expect(() => bedrockAuthorizer({ key: undefined, ...settings }, place)).toThrow(message);
  });

  it("refuses to sign for no region, and takes the one of the model's name or its ARN", async () => {
    const { region: _, ...nowhere } = place;
    expect(() => bedrockAuthorizer(pair, nowhere)).toThrow("there is no AWS region");
    const scopeIn = async (model: string): Promise<string | undefined> =>
      (await bedrockAuthorizer(pair, { ...nowhere, model }).authorize(request()))[1];
    expect(await scopeIn("us-west-2/anthropic.claude-v2")).toContain("/us-west-2/bedrock/");
    expect(await scopeIn("arn:aws:bedrock:eu-central-1:1:inference-profile/x")).toContain(
      "/eu-central-1/bedrock/",
    );
  });

  it("assumes a role with the key pair, once for all requests", async () => {
    const authorizer = bedrockAuthorizer(
      {
        ...pair,
        aws_role_name: "arn:aws:iam::1:role/bedrock",
        aws_session_name: "team-a",
        aws_external_id: "ext",
        aws_sts_endpoint: sts.url,
      },
      place,
    );
    const all = await Promise.all([1, 2, 3].map(async () => authorizer.authorize(request())));
    for (const headers of all) expect(headers[1]).toContain("Credential=AK1/");
    expect(authorizer.authorize(request())).toContain("token-1");
    expect(sts.asked).toEqual([
      expect.objectContaining({
        Action: "AssumeRole",
        RoleArn: "arn:aws:iam::1:role/bedrock",
        RoleSessionName: "team-a",
        ExternalId: "ext",
      }),
    ]);
    expect(sts.credentialsOf).toEqual(["AKPAIR"]);
  });

  it("assumes a role with what the default chain finds", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKENV");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "env-secret");
    await headersOf({ key: undefined, aws_role_name: "r", aws_sts_endpoint: sts.url });
    expect(sts.credentialsOf).toEqual(["AKENV"]);
  });

  it.each(["plain", "path", "oidc/file", "oidc/env", "oidc/env_path"])(
    "assumes a role with a web identity: %s",
    async (form) => {
      const path = join(folder, "token");
      await writeFile(path, "a.jwt.token\n");
      vi.stubEnv("AWS_TEST_TOKEN", form === "oidc/env" ? "a.jwt.token" : path);
      const token = {
        plain: "a.jwt.token",
        path,
        "oidc/file": `oidc/file${path}`,
        "oidc/env": "oidc/env/AWS_TEST_TOKEN",
        "oidc/env_path": "oidc/env_path/AWS_TEST_TOKEN",
      }[form];
      const headers = await headersOf({
        key: undefined,
        aws_role_name: "arn:aws:iam::1:role/web",
        aws_web_identity_token: secret(token ?? ""),
        aws_sts_endpoint: sts.url,
      });
      expect(headers["authorization"]).toContain("Credential=AK1/");
      expect(sts.asked[0]).toMatchObject({
        Action: "AssumeRoleWithWebIdentity",
        RoleArn: "arn:aws:iam::1:role/web",
        RoleSessionName: "gatewright",
        WebIdentityToken: "a.jwt.token",
      });
    },
  );

  it("says why a role could not be assumed, without secrets, and tries again with the next request", async () => {
    sts.refusal = "User AKPAIR with pair-secret may not assume the role";
    const settings = { ...pair, aws_role_name: "r", aws_sts_endpoint: sts.url };
    const authorizer = bedrockAuthorizer(settings, place);
    await expect(authorizer.authorize(request())).rejects.toThrow(
      "there are no AWS credentials: User AKPAIR with *** may not assume the role",
    );
    sts.refusal = undefined;
    expect(await authorizer.authorize(request())).toContainEqual(expect.stringContaining("AWS4-HMAC-SHA256"));
  });

  it("takes a profile, and nothing else when it has none", async () => {
    await writeFile(
      join(folder, "profiles"),
      "[one]\naws_access_key_id = AKONE\naws_secret_access_key = s\n",
    );
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "profiles"));
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKENV");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "env-secret");
    const headers = await headersOf({ key: undefined, aws_profile_name: "one" });
    expect(headers["authorization"]).toContain("Credential=AKONE/");
    await expect(headersOf({ key: undefined, aws_profile_name: "other" })).rejects.toThrow(
      /credentials.*other/i,
    );
  });

  it("takes the default chain's credentials, and says when it has none", async () => {
    await expect(headersOf({ key: undefined })).rejects.toThrow(
      "there are no AWS credentials: Could not load",
    );
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKENV");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "env-secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "env-token");
    expect(await headersOf({ key: undefined })).toMatchObject({
      authorization: expect.stringContaining("Credential=AKENV/"),
      "x-amz-security-token": "env-token",
    });
  });

  it("loads no AWS SDK for key pairs", async () => {
    const script = `
      import { registerHooks } from "node:module";
      const seen = [];
      registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) });
      const { bedrockAuthorizer } = await import(process.argv[1]);
      const secret = (value) => ({ reveal: () => value });
      const settings = { aws_access_key_id: secret("a"), aws_secret_access_key: secret("s") };
      const place = { baseUrl: "https://b", model: "m", region: "eu-west-1" };
      const request = { origin: "https://b", path: "/", body: Buffer.alloc(0), time: 0 };
      const signed = bedrockAuthorizer(settings, place).authorize(request).length;
      console.log(JSON.stringify({ signed, sdk: seen.filter((name) => name.includes("aws-sdk")) }));`;
    const module = new URL("authorizer.ts", import.meta.url).href;
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      "-e",
      script,
      module,
    ]);
    expect(JSON.parse(stdout)).toEqual({ signed: 4, sdk: [] });
  });
});

describe("RenewingAuthorizer", () => {
  const HOUR = 3_600_000;
  const MINUTE = 60_000;

  function renewing(answers: (AwsCredentials | Error)[]): {
    authorizer: RenewingAuthorizer;
    fetches: () => number;
  } {
    let fetches = 0;
    const authorizer = new RenewingAuthorizer(
      async () => {
        const answer = answers[fetches++];
        if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no more");
        return answer;
      },
      "eu-west-1",
      [],
    );
    return { authorizer, fetches: () => fetches };
  }
  const credentials = (accessKeyId: string, expiresAt: number): AwsCredentials => ({
    accessKeyId,
    secretAccessKey: "s",
    expiration: new Date(expiresAt),
  });

  it("renews beside the requests when the end is near, and waits only when it has passed", async () => {
    const { authorizer, fetches } = renewing([
      credentials("A", HOUR),
      credentials("B", 2 * HOUR),
      credentials("C", 3 * HOUR),
    ]);
    expect((await authorizer.authorize(request(0)))[1]).toContain("Credential=A/");
    expect(authorizer.authorize(request(HOUR - 6 * MINUTE))).toBeInstanceOf(Array);
    expect(fetches()).toBe(1);
    // In the last minutes: signed with the old ones, while one fetch is under way.
    for (let request_ = 0; request_ < 3; request_++) {
      expect(authorizer.authorize(request(HOUR - 4 * MINUTE))).toContainEqual(
        expect.stringContaining("Credential=A/"),
      );
    }
    expect(fetches()).toBe(2);
    await vi.waitFor(() =>
      expect(authorizer.authorize(request(HOUR - 4 * MINUTE))).toContainEqual(
        expect.stringContaining("Credential=B/"),
      ),
    );
    const late = authorizer.authorize(request(2 * HOUR));
    expect(late).toBeInstanceOf(Promise);
    expect((await late)[1]).toContain("Credential=C/");
    expect(fetches()).toBe(3);
  });

  it("goes on with the credentials at hand when they cannot be renewed yet, trying every ten seconds", async () => {
    const { authorizer, fetches } = renewing([credentials("A", HOUR), new Error("down"), new Error("down")]);
    await authorizer.authorize(request(0));
    const near = HOUR - 4 * MINUTE;
    for (const time of [near, near + 1000, near + 9000]) {
      expect(authorizer.authorize(request(time))).toBeInstanceOf(Array);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(fetches()).toBe(2);
    expect(authorizer.authorize(request(near + 10_000))).toBeInstanceOf(Array);
    expect(fetches()).toBe(3);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(authorizer.authorize(request(HOUR))).rejects.toThrow("there are no AWS credentials");
  });
});
