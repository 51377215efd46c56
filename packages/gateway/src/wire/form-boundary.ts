import { headerParameters, headerWord } from "./header-parameters.ts";

/** The boundary that a `content-type` of `multipart/form-data` names; undefined for any other, or without a fit one. */
export function formBoundary(contentType: string | undefined): string | undefined {
  if (contentType === undefined || headerWord(contentType) !== "multipart/form-data") return undefined;
  const boundary = headerParameters(contentType)?.get("boundary");
  return boundary !== undefined && fit.test(boundary) ? boundary : undefined;
}

/** RFC 2046 §5.1.1; some clients have a few more signs, which do no harm. None of them may be a line end. */
const fit = /^[\x20-\x7e]{0,69}[\x21-\x7e]$/;
