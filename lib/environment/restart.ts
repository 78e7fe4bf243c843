/** A workload whose pods have read what has changed since. */
export interface Restart {
  /** `<kind>/<name>` */
  readonly workload: string;
  /**
   * `rollout`: it has opted in, and a new checksum in the template of its pods replaces them. `restart`: kubectl restarts it.
   * `by-hand`: neither does.
   */
  readonly how: 'rollout' | 'restart' | 'by-hand';
  /** What its pods load and has changed, as `<kind>/<name>`. */
  readonly objects: readonly string[];
  /** Those of them that were changed behind the back of a checksum that is right: without a mark the next run would not know. */
  readonly edited?: readonly string[];
  /** Annotations that the template of its pods is to have. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Of `by-hand`: why, completing "<workload> …". */
  readonly why?: string;
}

/** A workload with pods that have read what has changed since, and need no restart. */
export interface Outlasting {
  /** `<kind>/<name>` */
  readonly workload: string;
  /** What ends them: a roll-out that is under way, or their own end. */
  readonly until: 'replaced' | 'ended';
}
