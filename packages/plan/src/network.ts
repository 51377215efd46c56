/** Who may reach the gateway. */
export interface Network {
  /** Addresses or CIDR ranges; unset: everybody. */
  readonly allowedAddresses?: readonly string[];
  readonly trustForwardedFor?: boolean;
}
