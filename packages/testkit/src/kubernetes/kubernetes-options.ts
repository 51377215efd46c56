export interface KubernetesOptions {
  /** Run controllers at all. Default true. */
  readonly controllerManager?: boolean;
  /** Which, by their names, which end in `-controller`. Default `defaultControllers`. */
  readonly controllers?: readonly string[];
  /** Log every request for `auditEvents`. Default true: it costs next to nothing. */
  readonly audit?: boolean;
  /** More users with static tokens, and their groups. */
  readonly users?: { readonly [user: string]: readonly string[] };
  /**
   * Files or folders with CustomResourceDefinitions that are established before the controllers start. The garbage
   * collector looks for new kinds only every 30 s: owners of a kind that came later are missed that much later.
   */
  readonly definitions?: readonly string[];
  /** Flags after ours, for example `--feature-gates=…`. */
  readonly apiServerFlags?: readonly string[];
  readonly controllerManagerFlags?: readonly string[];
}
