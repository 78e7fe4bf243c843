import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { openCache } from './launch-cache';
import { folderWith } from './test/run';

// SECURITY.md promises that nobody else's code is run from the launcher's cache.

const name = (letter: string, ending = 'js') => `${letter.repeat(32)}.${ending}`;
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);

/** A place for a cache, as an installation of the program has it. */
function place(): string {
  const root = folderWith();
  mkdirSync(join(root, 'node_modules'), { mode: 0o755 });
  return join(root, 'node_modules/.cache/ours');
}

/** A cache with something in it. */
function filled(): string {
  const folder = place();
  expect(open(folder).keep(name('a'), 'kept')).toBe(true);
  return folder;
}

/** Opens a cache, and what it warned of. */
function open(folder: string) {
  const warnings: string[] = [];
  return { ...openCache(folder, (reason) => warnings.push(reason)), warnings };
}

/** What a later run finds. */
function find(folder: string, file = name('a')) {
  const { read, warnings } = open(folder);
  return { found: read(file)?.toString(), warnings };
}

const isRoot = process.geteuid?.() === 0;
const nobody = 65_534;

it.each([
  ['000, and from their creation on', 0o000, true],
  ['027', 0o027, false],
  ['777', 0o777, false],
])('folders are 0700 and files 0600 under umask %s', (_what, mask, atCreation) => {
  const folder = place();
  const chmod = jest.spyOn(fs, 'chmodSync');
  if (atCreation) chmod.mockImplementation(() => {});
  const before = process.umask(mask);
  try {
    expect(open(folder).keep(name('a'), 'kept')).toBe(true);
  } finally {
    process.umask(before);
    chmod.mockRestore();
  }
  expect([dirname(folder), folder, join(folder, name('a'))].map(mode)).toEqual(['700', '700', '600']);
  expect(find(folder)).toEqual({ found: 'kept', warnings: [] });
});

describe('a cache is used', () => {
  it('where node_modules or .cache is a link', () => {
    for (const level of [1, 2]) {
      const folder = filled();
      const [link = '', target = ''] = [
        level === 1 ? dirname(folder) : dirname(dirname(folder)),
        join(folderWith(), 'x'),
      ];
      renameSync(link, target);
      symlinkSync(target, link);
      expect(find(folder)).toEqual({ found: 'kept', warnings: [] });
    }
  });

  it.each([
    ['.cache is for everybody, but sticky', 0o755, 0o1777],
    ['whoever may write to .cache may write to node_modules', 0o775, 0o775],
    ['everybody may write to node_modules', 0o777, 0o775],
  ])('where %s', (_what, modules, around) => {
    const folder = filled();
    chmodSync(dirname(dirname(folder)), modules);
    chmodSync(dirname(folder), around);
    expect(find(folder)).toEqual({ found: 'kept', warnings: [] });
  });
});

describe('a cache is not used, and a sentence says why,', () => {
  const refused = (folder: string, reason: RegExp) => {
    expect(find(folder)).toEqual({ found: undefined, warnings: [expect.stringMatching(reason)] });
    expect(open(folder).keep(name('b'), 'kept')).toBe(false);
  };

  it('where a link or a file stands in its place', () => {
    const folder = filled();
    const target = join(folderWith(), 'target');
    renameSync(folder, target);
    symlinkSync(target, folder);
    refused(folder, /ours is a link or a file\. Remove it$/);
    expect(readdirSync(target)).toEqual([name('a')]);

    const file = place();
    mkdirSync(dirname(file));
    writeFileSync(file, '');
    refused(file, /ours is a link or a file\. Remove it$/);
  });

  it.each(['777', '775', '757'])('where others may replace it (.cache is %s)', (rights) => {
    const folder = filled();
    chmodSync(dirname(folder), rights);
    const { warnings } = find(folder);
    refused(folder, /^others may write to .*\.cache\. Run: chmod go-w '/);
    const [, command = ''] = warnings[0]?.split('Run: ') ?? [];
    expect(spawnSync('sh', ['-c', command]).status).toBe(0);
    expect(find(folder)).toEqual({ found: 'kept', warnings: [] });
  });

  it('where .cache is a link, and others may replace what it leads to', () => {
    const folder = filled();
    const shared = folderWith();
    chmodSync(shared, 0o777);
    renameSync(dirname(folder), join(shared, 'x'));
    symlinkSync(join(shared, 'x'), dirname(folder));
    refused(folder, new RegExp(`^others may replace what .*\\.cache leads to, in ${shared}\\. Remove the link$`));
    chmodSync(shared, 0o1777); // nobody may, but add to it
    expect(find(folder)).toEqual({ found: 'kept', warnings: [] });
  });

  it('where .cache is a link that leads through another one', () => {
    const folder = filled();
    const shared = folderWith();
    renameSync(dirname(folder), join(shared, 'x'));
    symlinkSync(join(shared, 'x'), join(shared, 'link'));
    symlinkSync(join(shared, 'link'), dirname(folder));
    refused(folder, new RegExp(`\\.cache leads through another link\\. Link it to ${shared}/x itself$`));
  });

  it('where a group may replace it, and everybody but that one may write to node_modules', () => {
    const folder = filled();
    chmodSync(dirname(dirname(folder)), 0o757);
    chmodSync(dirname(folder), 0o775);
    refused(folder, /^others may write to .*\.cache\. Run: chmod go-w '/);
  });

  it('where others may replace it, and may only add to node_modules', () => {
    const folder = filled();
    chmodSync(dirname(dirname(folder)), 0o1777);
    chmodSync(dirname(folder), 0o777);
    refused(folder, /^others may write to .*\.cache\. Run: chmod go-w '/);
  });

  (isRoot ? it : it.skip)('where another group may replace it than may write to node_modules', () => {
    const folder = filled();
    for (const each of [dirname(folder), dirname(dirname(folder))]) chmodSync(each, 0o775);
    chownSync(dirname(folder), 0, nobody);
    refused(folder, /^others may write to .*\.cache\. Run: chmod go-w '/);
  });

  (isRoot ? it : it.skip)('where it, or .cache, belongs to another user', () => {
    for (const up of [false, true]) {
      const folder = filled();
      const foreign = up ? dirname(folder) : folder;
      chownSync(foreign, nobody, nobody);
      refused(folder, new RegExp(`^${foreign} belongs to another user\\. Remove it$`));
    }
  });
});

it('is of no use, and nobody is told, where there can be none', () => {
  const folder = place();
  writeFileSync(dirname(folder), '');
  expect(find(folder)).toEqual({ found: undefined, warnings: [] });
  expect(open(folder).keep(name('a'), 'kept')).toBe(false);
});

it.each(['777', '770', '702'])('a cache that others could write to (%s) is emptied and closed to them', (rights) => {
  const folder = filled();
  writeFileSync(join(folder, 'notes.js'), '');
  chmodSync(folder, rights);
  expect(find(folder)).toEqual({ found: undefined, warnings: [] });
  expect([mode(folder), readdirSync(folder)]).toEqual(['700', ['notes.js']]);
  expect(open(folder).keep(name('a'), 'again')).toBe(true);
  expect(find(folder)).toEqual({ found: 'again', warnings: [] });
});

it('a cache on a file system without rights is not used', () => {
  const folder = filled();
  chmodSync(folder, 0o777);
  const chmod = jest.spyOn(fs, 'chmodSync').mockImplementation(() => {});
  expect(find(folder)).toEqual({ found: undefined, warnings: [] });
  expect(open(folder).keep(name('a'), 'again')).toBe(false);
  chmod.mockRestore();
});

it('a cache that another run makes at the same moment is used', () => {
  const folder = place();
  const mkdir = fs.mkdirSync;
  const first = jest.spyOn(fs, 'mkdirSync').mockImplementation((path, options) => {
    mkdir(path, options);
    return mkdir(path, options);
  });
  expect(open(folder).keep(name('a'), 'kept')).toBe(true);
  first.mockRestore();
  expect(find(folder)).toEqual({ found: 'kept', warnings: [] });
});

it('what cannot be kept leaves nothing behind', () => {
  const folder = place();
  const { keep } = open(folder);
  mkdirSync(join(folder, name('a')));
  expect(keep(name('a'), 'kept')).toBe(false);
  expect(readdirSync(folder)).toEqual([name('a')]);
});

it('every file that is opened is closed', () => {
  const folder = filled();
  writeFileSync(join(folder, name('b')), 'damaged');
  const opened = jest.spyOn(fs, 'openSync');
  const closed = jest.spyOn(fs, 'closeSync');
  for (const letter of ['a', 'b']) find(folder, name(letter));
  const [taken, given] = [opened, closed].map((spy) => spy.mock.calls.length);
  opened.mockRestore();
  closed.mockRestore();
  expect([taken, given]).toEqual([2, 2]);
});

describe('a file is made again, and nothing of it is read,', () => {
  const file = (folder: string) => join(folder, name('a'));
  const whole = readFileSync(file(filled()));
  const changed = Buffer.from(whole).fill('x', 0, 1);
  const damage: Readonly<Record<string, (path: string) => void>> = {
    'that is cut off': (path) => truncateSync(path, whole.length - 1),
    'that is cut off at the beginning of its checksum': (path) => truncateSync(path, 4),
    'that is empty': (path) => truncateSync(path, 0),
    'that has a changed byte': (path) => writeFileSync(path, changed),
    'that its group may write to': (path) => chmodSync(path, 0o620),
    'that everybody may write to': (path) => chmodSync(path, 0o602),
    'that is a link': (path) => {
      renameSync(path, `${path}.target`);
      symlinkSync(`${path}.target`, path);
    },
    'that is a pipe': (path) => {
      fs.rmSync(path);
      expect(spawnSync('mkfifo', ['-m', '600', path]).status).toBe(0);
    },
    ...(isRoot && { 'that belongs to another user': (path) => chownSync(path, nobody, nobody) }),
  };

  it.each(Object.keys(damage))('%s', (what) => {
    const folder = filled();
    damage[what]?.(file(folder));
    expect(find(folder)).toEqual({ found: undefined, warnings: [] });
    expect(open(folder).keep(name('a'), 'again')).toBe(true);
    expect(find(folder)).toEqual({ found: 'again', warnings: [] });
    if (existsSync(`${file(folder)}.target`)) expect(readFileSync(`${file(folder)}.target`)).toEqual(whole);
  });
});

describe('pruning', () => {
  const ages = (folder: string, seconds: Readonly<Record<string, number>>) => {
    const now = Date.now() / 1000;
    for (const [each, age] of Object.entries(seconds)) {
      writeFileSync(join(folder, each), '', { mode: 0o600 });
      utimesSync(join(folder, each), now - age, now - age);
    }
  };
  const left = (folder: string, ...fresh: string[]) => {
    open(folder).prune(fresh);
    return readdirSync(folder).sort();
  };

  it('keeps four bundles and what is not older than they are', () => {
    const folder = filled();
    ages(folder, {
      [name('b')]: 10,
      [name('c')]: 20,
      [name('c', 'js.synth.v8')]: 19,
      [name('d')]: 30,
      [name('d', 'dependencies')]: 31,
      [name('e')]: 40,
      [name('e', 'js.with-env.v8')]: 39,
      [name('e', 'dependencies')]: 41,
      [name('f', 'js.map')]: 50,
      [name('f', 'js.with-env.v8')]: 50,
      [name('f', 'js.0123456789ab.tmp')]: 50,
    });
    expect(left(folder, name('a'))).toEqual(
      [
        name('a'),
        name('b'),
        name('c'),
        name('c', 'js.synth.v8'),
        name('d'),
        name('d', 'dependencies'),
        name('e', 'js.with-env.v8'),
      ].sort(),
    );
  });

  it('removes what a killed run left of its files, but not of a run that goes on', () => {
    const folder = filled();
    const half = (seconds: number) => name('b', `js.${String(seconds).padStart(12, '0')}.tmp`);
    ages(folder, { [half(1)]: 1, [half(30)]: 30, [half(90)]: 90, [name('b')]: 90, [name('c', 'js.synth.v8')]: 90 });
    expect(left(folder, name('a'))).toEqual([name('a'), name('b'), name('c', 'js.synth.v8'), half(1), half(30)].sort());
  });

  it('removes nothing that bears another name', () => {
    const folder = filled();
    const others = [
      'notes.js',
      `${'g'.repeat(32)}.js`,
      name('e', 'ts'),
      name('e', 'js.tmp'),
      `${name('e')}.orig`,
      '.x',
    ];
    ages(folder, Object.fromEntries(['b', 'c', 'd', 'e', 'f'].map((each, i) => [name(each), i])));
    ages(folder, Object.fromEntries(others.map((each) => [each, 1000])));
    expect(left(folder, name('a'))).toEqual([...others, ...['a', 'b', 'c', 'd'].map((each) => name(each))].sort());
  });

  it('never removes what was just made, and takes what comes from the future for old', () => {
    const folder = filled();
    const future = Object.fromEntries(['b', 'c', 'd', 'e', 'f'].map((each, i) => [name(each), -1000 * (i + 1)]));
    ages(folder, future);
    utimesSync(join(folder, name('a')), 0, 0);
    expect(left(folder, name('a'))).toEqual([name('a')]);
    ages(folder, { [name('b')]: -10 }); // clocks of two machines differ by as much
    expect(left(folder, name('a'))).toEqual([name('a'), name('b')]);
  });
});
