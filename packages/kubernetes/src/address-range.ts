import { isIP } from "node:net";

/** Whether a text is an IP range as network policies take them, for example `10.0.0.0/8` or `fd00::/8`. */
export function isAddressRange(text: string): boolean {
  const [address = "", length = "", ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !/^(?:0|[1-9][0-9]{0,2})$/u.test(length)) return false;
  // Zones (fe80::1%eth0) pass isIP and are no part of a range.
  return !address.includes("%") && Number(length) <= (family === 4 ? 32 : 128);
}

/** The range of exactly one address; nothing for what is no address. */
export function singleAddressRange(address: string): string | undefined {
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return undefined;
  return `${address}/${family === 4 ? 32 : 128}`;
}
