import type { Catalog } from '../catalog/catalog';

/** What the program needs of the process it runs in. Tests bring their own. */
export interface Host {
  readonly catalog: CatalogFile;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: AsyncIterable<Buffer>;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** The file that declares the product's variables. */
export interface CatalogFile {
  /** Its path, for messages. */
  readonly file: string;
  /** Evaluates it. */
  load(): Promise<{ readonly catalog: Catalog }>;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** In characters; known on a terminal only. */
  readonly columns?: number;
}
