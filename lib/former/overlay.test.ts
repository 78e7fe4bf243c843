import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { catalog } from '../../test/fixture/catalog';
import { folderWith } from '../../test/run';
import type { Kustomization } from './kustomization';
import { createOverlays, overlayProblems } from './overlay';

/** Overlays of one base, which takes the patch of each environment; says how often its list is looked through. */
function overlays(environments: readonly string[], count: number) {
  const folder = folderWith();
  const base = join(folder, 'apps/base');
  const kustomizations = new Map<string, Kustomization>();
  let looks = 0;
  const patches = environments.map((name) => join(folder, `${name}-secret-config-patch.yml`));
  kustomizations.set(base, {
    file: join(base, 'kustomization.yaml'),
    content: {},
    get patches() {
      looks++;
      return patches;
    },
    parts: [],
  });
  for (let at = 0; at < count; at++) {
    const file = join(folder, `apps/overlays/o${at}/kustomization.yaml`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    kustomizations.set(dirname(file), { file, content: {}, patches: [], parts: [base] });
  }
  const overlaysOf = createOverlays(folder, (each) => kustomizations.get(each));
  const nothing = { entries: new Map(), namespaces: [] } as unknown as Parameters<typeof overlayProblems>[2]['base'];
  const problemsOf = (name: string) => {
    const patchFile = join(folder, `${name}-secret-config-patch.yml`);
    const former = { name, patch: nothing, base: nothing, infra: new Map(), patchFile };
    return overlaysOf(name, patchFile).map((reached) => overlayProblems(reached, catalog, former));
  };
  return { problemsOf, looks: () => looks };
}

it('a base that takes the patch of another environment too is named once for each overlay', () => {
  const { problemsOf } = overlays(['a', 'b', 'c'], 2);
  expect(problemsOf('a')).toEqual([1, 2].map(() => [expect.objectContaining({ severity: 'error' })]));
});

it('a base is looked through once, however many overlays and environments take it', () => {
  const environments = Array.from({ length: 10 }, (_, at) => `e${at}`);
  const { problemsOf, looks } = overlays(environments, 10);
  for (const name of environments) problemsOf(name);
  expect(looks()).toBe(1);
});
