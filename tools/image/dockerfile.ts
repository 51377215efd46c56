/** A file or folder that the final stage takes from another stage. */
export interface ImageCopy {
  /** Name of the stage. */
  readonly from: string;
  /** Absolute path in that stage. */
  readonly source: string;
  /** Absolute path in the image. */
  readonly target: string;
}

/** What an image is made of: the final stage of a Dockerfile. */
export interface ImageDescription {
  readonly base: string;
  readonly copies: readonly ImageCopy[];
  readonly environment: { readonly [name: string]: string };
  readonly workingFolder: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Working folders of the earlier stages, by name. */
  readonly stages: { readonly [name: string]: string };
}

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/**
 * Reads the part of the Dockerfile language that a final stage needs which only copies and describes.
 * @throws on anything else in the final stage, because the image would then not be what a test lays out.
 */
export function readDockerfile(text: string): ImageDescription {
  const stages: { readonly from: string; readonly instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    if (instruction.name === "FROM") stages.push({ from: instruction.rest, instructions: [] });
    else if (stages.length > 0) stages.at(-1)?.instructions.push(instruction);
    else throw new Error(`Dockerfile: ${instruction.name} before the first FROM`);
  }
  const last = stages.pop();
  if (last === undefined) throw new Error("Dockerfile: no FROM");
  const earlier = stages.map(({ from, instructions }) => [
    / AS (\S+)$/i.exec(from)?.[1] ?? "",
    instructions.findLast(({ name }) => name === "WORKDIR")?.rest ?? "/",
  ]);
  const image = {
    base: last.from,
    copies: [] as ImageCopy[],
    environment: {} as Record<string, string>,
    workingFolder: "/",
    user: "",
    entrypoint: [] as readonly string[],
    command: [] as readonly string[],
    stages: Object.fromEntries(earlier) as Record<string, string>,
  };
  for (const { name, rest } of last.instructions) {
    switch (name) {
      case "COPY":
        image.copies.push(readCopy(rest));
        break;
      case "ENV": {
        const [variable = "", ...value] = rest.split("=");
        image.environment[variable] = value.join("=");
        break;
      }
      case "WORKDIR":
        image.workingFolder = rest;
        break;
      case "USER":
        image.user = rest;
        break;
      case "ENTRYPOINT":
        image.entrypoint = readList(name, rest);
        break;
      case "CMD":
        image.command = readList(name, rest);
        break;
      case "LABEL":
      case "EXPOSE":
        break; // tells, and changes nothing
      default:
        throw new Error(`Dockerfile: the final stage may only copy and describe, not ${name}`);
    }
  }
  return image;
}

/** The instructions, with continued lines joined and comments left out. */
function instructionsOf(text: string): Instruction[] {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  return lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name = "", rest = ""] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
      return { name: name.toUpperCase(), rest };
    });
}

function readCopy(rest: string): ImageCopy {
  const words = rest.split(/\s+/);
  const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length);
  const [source, target, ...more] = words.filter((word) => !word.startsWith("--"));
  if (from === undefined || source === undefined || target === undefined || more.length > 0) {
    throw new Error(`Dockerfile: COPY ${rest}: write COPY --from=STAGE SOURCE TARGET`);
  }
  return { from, source, target };
}

/** The exec form: an image without a shell cannot run the other one. */
function readList(name: string, rest: string): readonly string[] {
  if (!rest.startsWith("["))
    throw new Error(`Dockerfile: ${name} ${rest}: write it as a JSON list, there is no shell`);
  return JSON.parse(rest) as readonly string[];
}
