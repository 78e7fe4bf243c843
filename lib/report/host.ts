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
  /** What evaluating it cannot tell. */
  readonly givenTwice?: readonly GivenTwice[];
}

/** A key that an object literal has twice: JavaScript takes the last and says nothing. */
export interface GivenTwice {
  readonly name: string;
  /** Of the second, from 1. */
  readonly line: number;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** In characters; known on a terminal only. */
  readonly columns?: number;
}
