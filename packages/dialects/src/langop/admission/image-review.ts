import type { Review } from "./review.ts";

/** An image whose bytes can change under its name (langop.md §2.1): two pods of one agent may then differ. */
export function reviewImage(image: string, review: Review): void {
  const [name = "", digest] = image.split("@");
  if (digest !== undefined) return;
  // A colon in front of a slash belongs to the port of the registry.
  const [, tag] = name.slice(name.lastIndexOf("/") + 1).split(":");
  if (tag !== undefined && tag !== "latest") return;
  const what = tag === undefined ? "has no tag, which means latest" : "has the tag latest";
  review.warn(
    [],
    "ImageNotPinned",
    `${what}: what runs can change with every start of a pod. Name a version.`,
  );
}
