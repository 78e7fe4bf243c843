import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from './catalog';
import { folderWith, run } from './test/run';

// The team's own product: all that is tested of it. Every other test stands on test/fixture.

const envs = join(__dirname, 'envs');
const out = folderWith();

/** The base64 of every Secret's data, so that a snapshot of a real environment would be fit to be committed too. */
function redacted(manifests: string): string {
  return manifests
    .split(/^(?=---$)/m)
    .map((document) =>
      document.includes('"kind": "Secret"')
        ? document.replace(/^( {2}"[^"]+"): "[A-Za-z0-9+/]+=*"$/gm, redactData)
        : document,
    )
    .join('');
}

function redactData(line: string, key: string): string {
  return /"(name|namespace)"/.test(key) ? line : `${key}: "<redacted>"`;
}

it('synth writes the same for the demo as ever', async () => {
  const { status, stderr } = await run(['synth', 'demo', '--envs', envs, '--out', out], { catalog });
  expect(status === 0 || stderr).toBe(true);
  const folder = join(out, 'demo');
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    if (!statSync(join(folder, name)).isFile()) continue;
    expect(redacted(readFileSync(join(folder, name), 'utf8'))).toMatchSnapshot(name);
  }
});

it('what is generated from the catalog is current: npm run docs', async () => {
  const { status, stderr } = await run(['docs', '--check', '--envs', envs], { catalog });
  expect([status, stderr]).toEqual([0, '']);
});

it('check finds no error in the demo', async () => {
  const { status, stderr } = await run(['check', 'demo', '--envs', envs], { catalog });
  expect(status === 0 || stderr).toBe(true);
});
