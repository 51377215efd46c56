const codes: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EIO"]);

/**
 * Whether reading a file failed for a reason that has nothing to do with the file and will pass. It must not be taken for
 * a file that is not there: nothing about the file changes when it has passed, so nobody would look again.
 */
export function isPassingFault(error: unknown): boolean {
  return error instanceof Error && "code" in error && codes.has(error.code);
}
