import { fstatSync, writeFileSync } from 'node:fs';

/**
 * Standard output or error that writes the whole of each text, or emits `error` and writes nothing from then on. Where it is
 * a file Node.js itself takes a part for the whole, as on a disk that runs full.
 */
export function wholeOutput(stream: NodeJS.WriteStream & { readonly fd: number }) {
  if (!fstatSync(stream.fd).isFile()) return stream;
  let hasFailed = false;
  const write = (text: string) => {
    if (hasFailed) return;
    try {
      writeFileSync(stream.fd, text);
    } catch (error) {
      hasFailed = true;
      stream.emit('error', error);
    }
  };
  return { write };
}
