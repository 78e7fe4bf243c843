import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { folderWith } from '../../test/run';
import { writeEnvironmentFolder } from './environment-folder';

/** What this program writes begins so. */
const manifests = (name: string) => `---\n"apiVersion": "v1"\n"kind": "Secret"\n"metadata":\n  "name": "${name}"\n`;
const files = [
  { name: '.gitignore', text: '*\n' },
  { name: 'app.k8s.yaml', text: manifests('new') },
];
const own =
  '---\n"apiVersion": "kustomize.config.k8s.io/v1beta1"\n"kind": "Kustomization"\n"resources":\n  - "app.k8s.yaml"\n';
const mode = (path: string) => statSync(path).mode & 0o777;

/** A folder with an environment in it as an earlier run left it. */
function written(): string {
  const folder = join(folderWith(), 'dist', 'x');
  writeEnvironmentFolder(folder, () => files);
  return folder;
}

it.each([0o000, 0o022, 0o077, 0o777])('makes folders 0700 and files 0600 under umask %o', (mask) => {
  const root = folderWith();
  const before = process.umask(mask);
  try {
    writeEnvironmentFolder(join(root, 'a', 'b', 'x'), () => files);
  } finally {
    process.umask(before);
  }
  expect(['a', 'a/b', 'a/b/x'].map((name) => mode(join(root, name)))).toEqual([0o700, 0o700, 0o700]);
  expect(['.gitignore', 'app.k8s.yaml'].map((name) => mode(join(root, 'a/b/x', name)))).toEqual([0o600, 0o600]);
});

it('touches nothing that is right already', () => {
  const folder = written();
  const past = new Date('2001-01-01');
  for (const { name } of files) utimesSync(join(folder, name), past, past);
  utimesSync(folder, past, past);
  expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: false });
  for (const name of ['.', ...files.map((file) => file.name)]) expect(statSync(join(folder, name)).mtime).toEqual(past);
});

it('replaces what has other bytes or another mode', () => {
  const folder = written();
  writeFileSync(join(folder, 'app.k8s.yaml'), manifests('old'));
  chmodSync(join(folder, '.gitignore'), 0o644);
  expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: true });
  expect(readFileSync(join(folder, 'app.k8s.yaml'), 'utf8')).toBe(manifests('new'));
  expect(mode(join(folder, '.gitignore'))).toBe(0o600);
});

it('narrows the rights of a folder that was there', () => {
  const folder = written();
  chmodSync(folder, 0o755);
  writeEnvironmentFolder(folder, () => files);
  expect(mode(folder)).toBe(0o700);
});

it('removes other manifests of its own, and leaves everything else alone', () => {
  const folder = written();
  writeFileSync(join(folder, 'old.k8s.yaml'), manifests('old'));
  const foreign = { 'notes.txt': '', 'overlay.yaml': '', 'mine.k8s.yaml': 'apiVersion: v1\nkind: Secret\n' };
  for (const [name, text] of Object.entries(foreign)) writeFileSync(join(folder, name), text);
  expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: true });
  expect(readdirSync(folder).sort()).toEqual(['.gitignore', 'app.k8s.yaml', ...Object.keys(foreign)].sort());
});

it('removes what a killed run left, and nothing of a run that goes on', () => {
  const folder = written();
  const nobody = 2 ** 22 + 1; // Linux numbers no process beyond 2 ** 22
  for (const pid of [nobody, process.ppid]) writeFileSync(join(folder, `.app.k8s.yaml.${pid}-0123abcd.tmp`), 'half');
  writeEnvironmentFolder(folder, () => files);
  expect(readdirSync(folder).sort()).toEqual([
    `.app.k8s.yaml.${process.ppid}-0123abcd.tmp`,
    '.gitignore',
    'app.k8s.yaml',
  ]);
});

it('writes nothing where another run does, and says which', () => {
  const folder = written();
  const lock = join(folder, `.lock.${process.ppid}-0123abcd.tmp`);
  writeFileSync(lock, '');
  const newer = [...files, { name: 'app.k8s.yaml', text: manifests('newer') }];
  expect(writeEnvironmentFolder(folder, () => newer)).toEqual({
    changed: false,
    busy: {
      severity: 'error',
      code: 'not-written',
      file: folder,
      message: `${folder} is being written by another run, process ${process.ppid}`,
      hint: `Wait until it has ended, and run this again. If that process is not this program, remove ${lock}`,
    },
  });
  expect(readdirSync(folder).sort()).toEqual(['.gitignore', lock.slice(folder.length + 1), 'app.k8s.yaml'].sort());
  expect(readFileSync(join(folder, 'app.k8s.yaml'), 'utf8')).toBe(manifests('new'));
  expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: false }); // which is right already
  rmSync(lock);
  expect(writeEnvironmentFolder(folder, () => newer)).toEqual({ changed: true });
});

it.each([process.pid, 2 ** 22 + 1])(
  'takes the place of a run that was killed, process %s, and leaves no lock',
  (pid) => {
    const folder = written();
    writeFileSync(join(folder, `.lock.${pid}-0123abcd.tmp`), '');
    expect(writeEnvironmentFolder(folder, () => [...files, { name: 'environment.json', text: '{}' }])).toEqual({
      changed: true,
    });
    expect(readdirSync(folder).sort()).toEqual(['.gitignore', 'app.k8s.yaml', 'environment.json']);
  },
);

it('asks for the files again once no other run writes there', () => {
  const folder = written();
  const lists = [files, [...files, { name: 'b.k8s.yaml', text: manifests('b') }]];
  writeFileSync(join(folder, 'app.k8s.yaml'), manifests('old'));
  writeEnvironmentFolder(folder, () => lists.shift() ?? []);
  expect(readdirSync(folder)).toContain('b.k8s.yaml');
});

it('says so where a run that does not see this one has taken its lock for a left one, and may have written there', () => {
  const folder = written();
  const result = writeEnvironmentFolder(folder, () => {
    for (const name of readdirSync(folder)) if (name.startsWith('.lock.')) rmSync(join(folder, name));
    return [...files, { name: 'environment.json', text: '{}' }];
  });
  expect(result).toEqual({
    changed: true,
    problem: {
      severity: 'error',
      code: 'not-written',
      file: folder,
      message: `${folder} was written by another run at the same moment`,
      hint: 'Run this again',
    },
  });
});

it.each(['fchmodSync', 'readdirSync'] as const)('leaves no lock where it fails behind the making of it: %s', (step) => {
  const folder = written();
  let isLocked = false;
  const { openSync: open } = fs;
  const original = fs[step] as (...args: unknown[]) => unknown;
  const spies = [
    jest.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
      isLocked ||= String(path).includes('.lock.');
      return open(path, ...rest);
    }),
    jest.spyOn(fs, step).mockImplementation(((...args: unknown[]) => {
      if (isLocked) throw Object.assign(new Error('fake'), { code: 'EIO' });
      return original(...args);
    }) as never),
  ];
  try {
    const more = [...files, { name: 'b.k8s.yaml', text: '' }];
    expect(writeEnvironmentFolder(folder, () => more)).toMatchObject({ changed: false, problem: {} });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  expect(isLocked).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['.gitignore', 'app.k8s.yaml']);
});

it('leaves a new folder to the run that is quicker to write there, though nothing stands in it yet', () => {
  const folder = join(folderWith(), 'x');
  const other = join(folder, `.lock.${process.ppid}-0123abcd.tmp`);
  const { openSync: open, unlinkSync: unlink } = fs;
  const spies = [
    jest.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
      if (String(path).includes('.lock.')) writeFileSync(other, '');
      return open(path, ...rest);
    }),
    jest.spyOn(fs, 'unlinkSync').mockImplementation((path) => {
      unlink(path);
      unlink(other); // the other one steps back as well
    }),
  ];
  try {
    expect(writeEnvironmentFolder(folder, () => files)).toMatchObject({ changed: false, busy: {} });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  expect(readdirSync(folder)).toEqual([]);
});

it("leaves alone what is called like a temporary file, of somebody's", () => {
  const folder = written();
  const name = `.notes.txt.${2 ** 22 + 1}-0123abcd.tmp`;
  writeFileSync(join(folder, name), 'mine');
  writeEnvironmentFolder(folder, () => files);
  expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
});

it('removes a temporary file that is too old to be of a run that goes on, whoever has the number of its process now', () => {
  const folder = written();
  const name = `.app.k8s.yaml.${process.ppid}-0123abcd.tmp`;
  writeFileSync(join(folder, name), 'half');
  const age = (minutes: number) => {
    const then = new Date(Date.now() - minutes * 60_000);
    utimesSync(join(folder, name), then, then);
    writeEnvironmentFolder(folder, () => files);
    return readdirSync(folder).includes(name);
  };
  expect([age(-90), age(30), age(90)]).toEqual([true, true, false]);
});

describe('refuses', () => {
  const refusal = (folder: string) => writeEnvironmentFolder(folder, () => files);

  it('a symbolic link in the place of the folder', () => {
    const root = folderWith();
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'x'));
    expect(refusal(join(root, 'x'))).toMatchObject({
      problem: { code: 'not-written', message: expect.stringContaining('symbolic link') },
    });
    expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
  });

  it.each(['app.k8s.yaml', '.gitignore', 'old.k8s.yaml', 'other'])('a symbolic link inside it: %s', (name) => {
    const root = folderWith({ target: 'untouched', 'x/file': '' });
    symlinkSync(join(root, 'target'), join(root, 'x', name));
    expect(refusal(join(root, 'x'))).toMatchObject({ problem: { code: 'not-written', file: join(root, 'x', name) } });
    expect(readFileSync(join(root, 'target'), 'utf8')).toBe('untouched');
    expect(readdirSync(join(root, 'x')).sort()).toEqual(['file', name].sort());
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip; // nobody else can give a folder away
  const stranger = 12_345;

  asRoot('a folder of another user, also for root, and leaves it as it is', () => {
    const folder = written();
    chmodSync(folder, 0o755);
    chownSync(folder, stranger, stranger);
    expect(writeEnvironmentFolder(folder, () => [{ name: 'app.k8s.yaml', text: 'newer\n' }])).toMatchObject({
      changed: false,
      problem: { code: 'not-written', message: expect.stringContaining('belongs to another user') },
    });
    expect([mode(folder), readFileSync(join(folder, 'app.k8s.yaml'), 'utf8')]).toEqual([0o755, manifests('new')]);
  });

  asRoot('no folder that stands in one of another user: the folder itself is ours', () => {
    const root = folderWith();
    chownSync(root, stranger, stranger);
    expect(writeEnvironmentFolder(join(root, 'x'), () => files)).toEqual({ changed: true });
  });

  asRoot('to keep a file of another user, were its bytes right', () => {
    const folder = written();
    chownSync(join(folder, '.gitignore'), stranger, stranger);
    expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: true });
    expect(statSync(join(folder, '.gitignore')).uid).toBe(0);
  });

  it('a file in the place of the folder', () => {
    const root = folderWith({ x: '' });
    expect(refusal(join(root, 'x'))).toMatchObject({
      problem: { message: expect.stringContaining('is not a folder') },
    });
  });

  it('a folder in the place of a file, and leaves no temporary file', () => {
    const root = folderWith({ 'x/app.k8s.yaml/y': '' });
    expect(refusal(join(root, 'x'))).toMatchObject({ problem: { code: 'not-written' } });
    expect(readdirSync(join(root, 'x'))).toEqual(['app.k8s.yaml']);
  });

  it('to tidy up what somebody else put in the place of the folder that it made', () => {
    const root = folderWith();
    const folder = join(root, 'x');
    jest.spyOn(fs, 'renameSync').mockImplementationOnce(() => {
      jest.restoreAllMocks();
      renameSync(folder, join(root, 'aside'));
      mkdirSync(folder);
      throw Object.assign(new Error('a fake of a full disk'), { code: 'ENOSPC' });
    });
    expect(refusal(folder)).toMatchObject({ changed: false, problem: { code: 'not-written' } });
    expect(readdirSync(root).sort()).toEqual(['aside', 'x']);
  });

  it('and leaves no folder of its own', () => {
    const root = folderWith();
    jest.spyOn(fs, 'renameSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('a fake of a full disk'), { code: 'ENOSPC' });
    });
    expect(refusal(join(root, 'x'))).toMatchObject({ changed: false, problem: { code: 'not-written' } });
    expect(readdirSync(root)).toEqual([]);
  });

  it('a folder that would have to be removed, before anything is written', () => {
    const folder = written();
    mkdirSync(join(folder, 'old.k8s.yaml'));
    const changes = [{ name: 'app.k8s.yaml', text: 'newer\n' }];
    expect(writeEnvironmentFolder(folder, () => changes)).toMatchObject({
      changed: false,
      problem: { code: 'not-written' },
    });
    expect(readFileSync(join(folder, 'app.k8s.yaml'), 'utf8')).toBe(manifests('new'));
  });
});

(process.platform === 'linux' ? it : it.skip)('leaves nothing open, whatever comes of it', () => {
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  const foreign = folderWith({ 'notes.txt': 'mine' });
  for (const folder of [written(), foreign, join(foreign, 'notes.txt')]) writeEnvironmentFolder(folder, () => files);
  expect(open()).toBe(before);
});

it('follows a link in the place of what the folder stands in', () => {
  const root = folderWith();
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'dist'));
  expect(writeEnvironmentFolder(join(root, 'dist', 'x'), () => files)).toEqual({ changed: true });
  expect(readdirSync(join(root, 'elsewhere'))).toEqual(['x']);
});

describe('a folder that this program did not make is refused as it is', () => {
  const handWritten = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../base]\n';

  it.each<[string, Readonly<Record<string, string>>]>([
    ['an overlay', { 'kustomization.yaml': handWritten, 'patch.yaml': 'a: 1\n' }],
    ['an overlay that git ignores', { '.gitignore': '*\n', 'kustomization.yaml': handWritten, 'app.k8s.yaml': '' }],
    ['an overlay by another name', { '.gitignore': '*\n', 'kustomization.yml': handWritten, 'app.k8s.yaml': '' }],
    ['a kustomization as JSON', { 'kustomization.yaml': '{"resources": ["a.yaml"]}\n' }],
    ['our kustomization, edited by hand', { '.gitignore': '*\n', 'kustomization.yaml': `${own}namePrefix: a-\n` }],
    ['a kustomization in double quotes', { 'kustomization.yaml': `${own}"namePrefix": "a-"\n`, 'app.k8s.yaml': '' }],
    ['a kustomization in double quotes of two files', { 'kustomization.yaml': `${own}  - "more.k8s.yaml"\n` }],
    ['a kustomization of another file', { 'kustomization.yaml': own.replace('app.k8s.yaml', '../base') }],
    ['our kustomization over manifests of others', { 'kustomization.yaml': own, 'app.k8s.yaml': 'kind: Secret\n' }],
    ['manifests that git ignores', { '.gitignore': '*\n', 'mine.k8s.yaml': 'apiVersion: v1\nkind: Secret\n' }],
    ['manifests that git ignores, beside an empty one', { '.gitignore': '*\n', 'app.k8s.yaml': '', 'b.k8s.yaml': 'a' }],
    ['an empty file that git ignores', { '.gitignore': '*\n', '.keep': '' }],
    ['manifests of another program', { 'app.k8s.yaml': 'apiVersion: v1\n' }],
    ['manifests beside a .gitignore with rules', { '.gitignore': '*.env\n', 'app.k8s.yaml': 'apiVersion: v1\n' }],
    ['a cache that ignores itself', { '.gitignore': '*\n', 'pyvenv.cfg': 'home = /usr\n' }],
    ['notes', { 'notes.txt': 'mine' }],
    ['a folder', { 'more/notes.txt': '' }],
    ['folders that are called like ours', { 'rollout/notes.txt': 'mine', 'previous/overlay.yaml': '' }],
    ['folders that are called like ours, beside an empty file', { 'rollout/notes.txt': 'mine', '.keep': '' }],
    ['what another program calls like a temporary file', { [`.notes.txt.${2 ** 22 + 1}-0123abcd.tmp`]: 'mine' }],
    ['a kustomization of 1 MB', { '.gitignore': '*\n', 'kustomization.yaml': '"a":\n'.repeat(200_000) }],
  ])('%s', (_what, content) => {
    const folder = folderWith(content);
    chmodSync(folder, 0o755);
    expect(writeEnvironmentFolder(folder, () => files)).toEqual({
      changed: false,
      problem: {
        severity: 'error',
        code: 'not-written',
        file: folder,
        message: `${folder} holds files or folders, and was not made by this program: nothing in it is overwritten`,
        hint: 'Choose another --out, or move away what is in it',
      },
    });
    expect(mode(folder)).toBe(0o755);
    expect(readdirSync(folder).sort()).toEqual(
      [...new Set(Object.keys(content).map((name) => name.split('/')[0]))].sort(),
    );
    for (const [name, text] of Object.entries(content)) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
  });

  const temporary = `.gitignore.${process.ppid}-0123abcd.tmp`;
  it.each<[string, Readonly<Record<string, string>>]>([
    ['an empty one', {}],
    ['killed at once', { [temporary]: '' }],
    ['killed after the first file', { '.gitignore': '*\n' }],
    ['killed after the second', { '.gitignore': '*\n', 'app.k8s.yaml': manifests('old') }],
    [
      'with what one by another name left',
      { '.gitignore': '*\n', 'old.k8s.yaml': manifests('old'), 'kustomization.yaml': own },
    ],
    ['without its .gitignore, as artifacts are', { 'app.k8s.yaml': manifests('new'), 'kustomization.yaml': own }],
    ['of before kustomizations had a ---', { 'kustomization.yaml': own.slice(4) }],
    ['with notes in it', { '.gitignore': '*\n', 'kustomization.yaml': own, 'notes.txt': 'mine' }],
    ['after a crash of the machine', { '.gitignore': '', 'app.k8s.yaml': '', 'kustomization.yaml': '' }],
    ['after a crash that left an empty file further in', { 'rollout/kustomization.yaml': '' }],
  ])('but not %s', (_what, content) => {
    const folder = folderWith(content);
    expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: true });
    const kept = Object.keys(content).flatMap((name) => (name.endsWith('.k8s.yaml') ? [] : (name.split('/')[0] ?? [])));
    expect(readdirSync(folder).sort()).toEqual([...new Set([...kept, '.gitignore', 'app.k8s.yaml'])].sort());
  });
});

describe('a folder inside it that holds', () => {
  const more = [...files, { name: 'rollout/kustomization.yaml', text: manifests('more') }];

  it.each(['rollout/kustomization.yaml', 'previous/app.k8s.yaml', 'previous/environment.json'])(
    'what somebody else wrote as %s is refused before anything is written',
    (name) => {
      const foreign = 'apiVersion: v1\nkind: List\n';
      for (const folder of [folderWith({ [name]: foreign }), folderWith({ [name]: foreign, '.gitignore': '*\n' })]) {
        const before = readdirSync(folder);
        expect(writeEnvironmentFolder(folder, () => more)).toMatchObject({
          changed: false,
          problem: { code: 'not-written', file: join(folder, name) },
        });
        expect(readFileSync(join(folder, name), 'utf8')).toBe(foreign);
        expect(readdirSync(folder)).toEqual(before);
      }
    },
  );

  it.each(['rollout/kustomization.yaml', 'previous/app.k8s.yaml'])('no file as %s is refused', (name) => {
    const folder = folderWith({ '.gitignore': '*\n', 'app.k8s.yaml': manifests('old') });
    mkdirSync(join(folder, dirname(name)));
    spawnSync('mkfifo', [join(folder, name)]);
    expect(writeEnvironmentFolder(folder, () => more)).toMatchObject({
      changed: false,
      problem: { code: 'not-written', file: join(folder, name) },
    });
    expect(statSync(join(folder, name)).isFIFO()).toBe(true);
  });

  it.each([
    ['what a run before wrote', manifests('old')],
    ['what a run wrote that was killed', `# Half done.\n${manifests('old')}`],
    ['nothing, after a crash of the machine', ''],
  ])('%s is replaced', (_what, text) => {
    const folder = folderWith({ 'rollout/kustomization.yaml': text, '.gitignore': '*\n' });
    expect(writeEnvironmentFolder(folder, () => more)).toEqual({ changed: true });
    expect(readFileSync(join(folder, 'rollout/kustomization.yaml'), 'utf8')).toBe(manifests('more'));
  });
});

describe('swapped for a link while it is written', () => {
  const elsewhere = 'elsewhere';
  /** What another folder of ours may hold, and must go on holding. */
  const kept = { 'elsewhere/.gitignore': '*\n', 'elsewhere/other.k8s.yaml': manifests('other') };
  const expectKept = (root: string) => {
    expect(readdirSync(join(root, elsewhere)).sort()).toEqual(['.gitignore', 'other.k8s.yaml']);
    for (const [name, text] of Object.entries(kept)) expect(readFileSync(join(root, name), 'utf8')).toBe(text);
  };
  const functions = (Object.keys(fs) as 'openSync'[]).filter(
    (name) => typeof fs[name] === 'function' && /(?<!^exists)Sync$/.test(name),
  );

  /** Writes the folder x, which becomes a link to elsewhere just before the call of this number that touches the disk. */
  function swapBefore(call: number, existing: boolean) {
    const root = folderWith(kept);
    const folder = join(root, 'x');
    chmodSync(join(root, elsewhere), 0o755);
    if (existing) writeEnvironmentFolder(folder, () => [{ name: '.gitignore', text: '*\n' }]);
    let calls = 0;
    let swapped = false;
    const spies = functions.map((name) => {
      const real = fs[name];
      return jest.spyOn(fs, name).mockImplementation((...args) => {
        if (calls++ === call) {
          swapped = true;
          calls = Number.NEGATIVE_INFINITY; // those below are ours
          if (existsSync(folder)) renameSync(folder, join(root, 'aside'));
          symlinkSync(join(root, elsewhere), folder);
        }
        return real(...args);
      });
    });
    try {
      return { root, result: writeEnvironmentFolder(folder, () => files), swapped };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  const onLinux = process.platform === 'linux' ? it : it.skip; // elsewhere a moment remains: see SECURITY.md

  onLinux.each([true, false])('it lets nothing through, whenever that is (folder there before: %s)', (existing) => {
    let refused = 0;
    for (let call = 0; ; call++) {
      const { root, result, swapped } = swapBefore(call, existing);
      expectKept(root);
      expect(mode(join(root, elsewhere))).toBe(0o755);
      if (!swapped) break;
      if (result.problem) refused++;
      // Once all is checked and done, nobody can tell.
      else expect(readdirSync(join(root, 'aside')).sort()).toEqual(['.gitignore', 'app.k8s.yaml']);
    }
    expect(refused).toBeGreaterThan(10);
  });

  describe('where the system has no path of what is open', () => {
    beforeEach(() => {
      const real = fs.statSync;
      jest.spyOn(fs, 'statSync').mockImplementation((path, ...rest) => {
        if (`${path}`.startsWith('/proc/')) throw Object.assign(new Error('a fake of macOS'), { code: 'ENOENT' });
        return real(path, ...rest);
      });
    });
    afterEach(() => jest.restoreAllMocks());

    it('it is written all the same', () => {
      const folder = written();
      expect(readdirSync(folder).sort()).toEqual(['.gitignore', 'app.k8s.yaml']);
      expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: false });
    });

    it('the next step notices', () => {
      const root = folderWith(kept);
      const folder = join(root, 'x');
      const real = fs.renameSync;
      jest.spyOn(fs, 'renameSync').mockImplementationOnce((from, to) => {
        real(from, to);
        real(folder, join(root, 'aside'));
        symlinkSync(join(root, elsewhere), folder);
      });
      expect(writeEnvironmentFolder(folder, () => files)).toMatchObject({
        problem: { code: 'not-written', file: folder, message: expect.stringContaining('was swapped') },
      });
      expectKept(root);
    });
  });
});

describe('a folder that may be committed from now on', () => {
  const free = [
    { name: 'app.k8s.yaml', text: manifests('free of secrets') },
    { name: 'previous/app.k8s.yaml' },
    { name: 'previous/kustomization.yaml' },
    { name: '.gitignore' },
  ];

  it('keeps no manifests of ours, whatever an earlier catalog called them', () => {
    const folder = written();
    for (const inside of ['previous', 'rollout']) mkdirSync(join(folder, inside), { mode: 0o700 });
    writeFileSync(join(folder, 'previous/former.k8s.yaml'), manifests('old'));
    writeFileSync(join(folder, 'rollout/copy.k8s.yaml'), manifests('old'));
    writeFileSync(join(folder, 'previous/own.k8s.yaml'), "# somebody's\n");
    expect(writeEnvironmentFolder(folder, () => [...free, { name: 'rollout/x', text: 'x' }])).toMatchObject({
      changed: false,
    });
    rmSync(join(folder, 'previous/own.k8s.yaml'));
    expect(writeEnvironmentFolder(folder, () => [...free, { name: 'rollout/x', text: 'x' }])).toEqual({
      changed: true,
    });
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
      'app.k8s.yaml',
      'previous',
      'rollout',
      'rollout/x',
    ]);
  });

  it('stays out of git for as long as something that is being written stands in it', () => {
    const folder = written();
    writeFileSync(join(folder, `.app.k8s.yaml.${process.ppid}-00000000.tmp`), manifests('of another run'));
    writeEnvironmentFolder(folder, () => free);
    expect(existsSync(join(folder, '.gitignore'))).toBe(true);
    rmSync(join(folder, `.app.k8s.yaml.${process.ppid}-00000000.tmp`));
    writeEnvironmentFolder(folder, () => free);
    expect(existsSync(join(folder, '.gitignore'))).toBe(false);
  });
});

describe('a folder that may be committed, beside a file that may hold secrets', () => {
  const free = [
    { name: 'app.k8s.yaml', text: manifests('free of secrets') },
    { name: 'kustomization.yaml', text: own },
    { name: '.gitignore' },
  ];

  it.each(['backup.yaml', 'old.k8s.yml', 'before/app.k8s.yaml', 'previous/notes.txt', 'rollout/copy.yaml'])(
    'stays out of git, and says so: %s',
    (name) => {
      const folder = written();
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), manifests('old'));
      const shown = join(folder, name.startsWith('before') ? 'before' : name);
      for (const changed of [true, false]) {
        expect(writeEnvironmentFolder(folder, () => free)).toEqual({
          changed,
          warning: {
            severity: 'warning',
            code: 'exposed-file',
            file: shown,
            message: `${shown} is none of this program's files, and may hold secrets: ${join(folder, '.gitignore')} stays for it`,
            hint: 'Move it elsewhere, and run this again: then git takes the folder',
          },
        });
      }
      expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
      rmSync(shown, { recursive: true });
      expect(writeEnvironmentFolder(folder, () => free)).toEqual({ changed: true });
      expect(existsSync(join(folder, '.gitignore'))).toBe(false);
      writeFileSync(join(folder, 'README.md'), 'Mine, and for git.');
      expect(writeEnvironmentFolder(folder, () => free)).toEqual({ changed: false });
    },
  );
});

it('changes nothing where one of several files cannot be written', () => {
  const folder = written();
  const before = readdirSync(folder).sort();
  const more = [
    { name: 'previous/app.k8s.yaml', text: manifests('new') },
    { name: 'app.k8s.yaml', text: manifests('newer') },
    { name: `${'too-long'.repeat(40)}.k8s.yaml`, text: manifests('newest') },
  ];
  expect(writeEnvironmentFolder(folder, () => more)).toMatchObject({
    changed: false,
    problem: { code: 'not-written' },
  });
  expect(readdirSync(folder).sort()).toEqual(before);
  expect(readFileSync(join(folder, 'app.k8s.yaml'), 'utf8')).toBe(manifests('new'));
});

it.each([
  ['a folder that was free of it', 'app.k8s.yaml'],
  ['a new folder', undefined],
])('leaves no .gitignore in %s where nothing else can be written', (_what, there) => {
  const folder = join(folderWith(), 'x');
  if (there !== undefined) {
    writeEnvironmentFolder(folder, () => [
      { name: there, text: manifests('free of secrets') },
      { name: 'kustomization.yaml', text: own },
    ]);
  }
  const before = existsSync(folder) ? readdirSync(folder) : undefined;
  const tooLong = { name: `${'too-long'.repeat(40)}.k8s.yaml`, text: manifests('x') };
  expect(writeEnvironmentFolder(folder, () => [...files, tooLong])).toMatchObject({ changed: false, problem: {} });
  expect(existsSync(folder) ? readdirSync(folder) : undefined).toEqual(before);
});

describe('a folder inside', () => {
  it('loses what a killed run has left, though nothing is to be written to it', () => {
    const folder = written();
    mkdirSync(join(folder, 'previous'), { mode: 0o700 });
    for (const name of ['app.k8s.yaml', 'environment.json', 'kustomization.yaml']) {
      writeFileSync(join(folder, `previous/.${name}.${2 ** 22 + 1}-0123abcd.tmp`), 'half');
    }
    expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: false });
    expect(readdirSync(join(folder, 'previous'))).toEqual([]);
  });

  const more = [...files, { name: 'rollout/a.yaml', text: 'a\n' }];

  it('is made for its owner alone, and its leftovers are removed', () => {
    const folder = written();
    mkdirSync(join(folder, 'rollout'), { mode: 0o755 });
    writeFileSync(join(folder, `rollout/.a.yaml.${2 ** 22 + 1}-0123abcd.tmp`), 'half');
    expect(writeEnvironmentFolder(folder, () => more)).toEqual({ changed: true });
    expect([mode(join(folder, 'rollout')), readdirSync(join(folder, 'rollout'))]).toEqual([0o700, ['a.yaml']]);
    expect(writeEnvironmentFolder(folder, () => more)).toEqual({ changed: false });
  });

  it.each([
    ['a link in its place', (root: string) => symlinkSync(root, join(root, 'x/rollout')), 'x/rollout'],
    ['a file in its place', (root: string) => writeFileSync(join(root, 'x/rollout'), ''), 'x/rollout'],
    [
      'a link in it',
      (root: string) => {
        mkdirSync(join(root, 'x/rollout'));
        symlinkSync(join(root, 'target'), join(root, 'x/rollout/a.yaml'));
      },
      'x/rollout/a.yaml',
    ],
  ])('is refused with %s', (_what, prepare, name) => {
    const root = folderWith({ target: 'untouched' });
    writeEnvironmentFolder(join(root, 'x'), () => files);
    prepare(root);
    expect(writeEnvironmentFolder(join(root, 'x'), () => more)).toMatchObject({
      problem: { code: 'not-written', file: join(root, name) },
    });
    expect(readFileSync(join(root, 'target'), 'utf8')).toBe('untouched');
    expect(existsSync(join(root, 'a.yaml'))).toBe(false);
  });
});
