import type { CatalogModule } from '../catalog/catalog';

/** What the program needs of the process it runs in. Tests bring their own. */
export interface Host {
  readonly catalog: CatalogModule;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: AsyncIterable<Buffer>;
  /** Whether somebody types what is read there. */
  canAnswer?(): boolean;
  readonly stdout: Output;
  readonly stderr: Output;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** In characters; known on a terminal only. */
  readonly columns?: number;
  readonly rows?: number;
}
