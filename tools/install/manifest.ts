import { Document, isNode, isScalar, isSeq, visit } from "yaml";

/** One object of an install file, with remarks for those who read the file before they apply it. */
export interface Manifest {
  readonly object: KubernetesManifest;
  /** What stands above the object. */
  readonly remark?: string;
  /** What stands above a member: its path, like `["rules", 0]`, and the text. */
  readonly remarks?: readonly (readonly [path: readonly (string | number)[], text: string])[];
}

/** What every object has; the rest is checked by the types of those who make it, and by a real API server. */
export interface KubernetesManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Characters of a line of a comment. */
const lineLength = 110;

/** One YAML stream of objects with their remarks as comments, and of texts as they are. */
export function manifestFile(header: string, manifests: readonly (Manifest | string)[]): string {
  const texts = manifests.map((manifest) =>
    typeof manifest === "string" ? manifest : manifestText(manifest),
  );
  return [comment(header, 0), ...texts].join("---\n");
}

function manifestText({ object, remark, remarks = [] }: Manifest): string {
  // kubectl reads YAML 1.1, where `on` and `no` are booleans unless they are quoted.
  const document = new Document(object, { aliasDuplicateObjects: false, version: "1.1" });
  // Lists of words on one line: a role reads as a table. Arguments are changed one by one.
  visit(document, {
    Pair(_, { key, value }) {
      if (isSeq(value)) value.flow = String(key) !== "args" && value.items.every((item) => isScalar(item));
    },
  });
  for (const [path, text] of remarks) {
    const owner = document.getIn(path.slice(0, -1), true);
    const last = path.at(-1);
    // A comment above a member of a map belongs to its key.
    const node =
      typeof last === "number"
        ? document.getIn(path, true)
        : (owner as { items?: { key: unknown }[] } | undefined)?.items?.find(
            ({ key }) => String(key) === last,
          )?.key;
    if (!isNode(node)) {
      throw new Error(`${object.kind} ${object.metadata.name} has no ${path.join(".")} to remark on`);
    }
    node.commentBefore = comment(text, path.length * 2)
      .trimEnd()
      .replaceAll(/^#/gm, "");
  }
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return `${remark === undefined ? "" : comment(remark, 0)}${text}`;
}

/** The text as comment lines; empty lines stay, and indented ones (commands) are not broken. */
function comment(text: string, indentation: number): string {
  return text
    .split("\n")
    .map((paragraph) =>
      paragraph === ""
        ? "#\n"
        : wrap(paragraph, lineLength - indentation)
            .map((line) => `# ${line}\n`)
            .join(""),
    )
    .join("");
}

function wrap(text: string, width: number): string[] {
  if (text.startsWith(" ")) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width - 2) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
