/** Where the gateway listens and is published. */
export interface Exposure {
  /** Port of the container. */
  readonly port?: number;
  /** Port of the Service. */
  readonly servicePort?: number;
}
