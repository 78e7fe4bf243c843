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

/** Which workloads a run may have replace their pods. */
export interface MayReplace {
  /** Those that opted into the roll-out get their new checksum. */
  readonly mayRoll: boolean;
  readonly mayRestart: boolean;
  /** Those that somebody was asked about; any, where nobody was. */
  readonly asked?: ReadonlySet<string> | undefined;
}

export function isAllowed({ workload, how }: Restart, { mayRoll, mayRestart, asked }: MayReplace): boolean {
  if (asked?.has(workload) === false) return false;
  return (how === 'rollout' && mayRoll) || (how === 'restart' && mayRestart);
}

/** A workload with pods that have read what has changed since, and need no restart. */
export interface Outlasting {
  /** `<kind>/<name>` */
  readonly workload: string;
  /** What they load and has changed, as `<kind>/<name>`. */
  readonly objects: readonly string[];
  /** What ends them: a roll-out that is under way, or their own end. */
  readonly until: 'replaced' | 'ended';
}
