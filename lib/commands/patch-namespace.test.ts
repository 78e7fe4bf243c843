import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { catalog as product } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment } from '../../test/run';

// A patch of the former system may say which namespace it is meant for. One that is meant for another must not end here.

const { namespace } = product.roles;
const [object] = product.objects;
const own = 'fake-namespace';

const document = (written: string) =>
  `apiVersion: v1\nkind: ${object?.kind}\nmetadata:\n  name: ${object?.name}\n  namespace: ${written}\n`;

async function synth(patch: string, changes: Readonly<Record<string, string>> = {}) {
  const root = folderWith({
    'envs/x.env': validEnvironment('x', { [namespace.name]: own, ...changes }),
    'envs/x-secret-config-patch.yml': patch,
  });
  const { status, stdout } = await run([
    'synth',
    'x',
    '--json',
    '--envs',
    join(root, 'envs'),
    '--out',
    join(root, 'dist'),
  ]);
  const [{ problems }] = JSON.parse(stdout).environments as [{ problems: { code: string; line: number }[] }];
  return {
    status,
    found: problems.map(({ code, line }) => `${code}:${line}`),
    written: existsSync(join(root, 'dist/x')),
  };
}

it.each([
  ['its own', own],
  ['its own, quoted', `"${own}"`],
  ['a placeholder of it', `\${${namespace.name}}`],
  ['its own, put together', `"fake-\${${product.roles.environment.name}}"`],
])('is taken where it is %s', async (what, written) => {
  const changes = what.endsWith('together') ? { [namespace.name]: 'fake-x' } : {};
  expect(await synth(document(written), changes)).toEqual({ status: 0, found: [], written: true });
});

it.each([
  ['another', 'fake-other'],
  ['the beginning of its own', own.slice(0, -1)],
  ['longer than its own', `${own}s`],
  ['its own in capitals', own.toUpperCase()],
  ['a placeholder of nothing', '${NOPE}'],
])('is refused where it is %s, and nothing is written', async (_what, written) => {
  expect(await synth(document(written))).toEqual({ status: 1, found: ['invalid-patch:5'], written: false });
});

it('is looked at in every document', async () => {
  const patch = [document(own), document('fake-other'), document('fake-more')].join('---\n');
  expect((await synth(patch)).found.filter((each) => each.startsWith('invalid-patch'))).toEqual([
    'invalid-patch:11',
    'invalid-patch:17',
  ]);
});
