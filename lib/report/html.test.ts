import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithChromium, type Page, withPage } from '../../test/chromium';
import { catalog } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment, verbatimCatalog } from '../../test/run';

const hostile = `"><img src=x onerror=document.title=1><script>document.title=2</script>&lt;`;

/** Three environments: a good one, one that lacks much, and one with a warning; and one with a value that looks like HTML. */
const root = folderWith({
  'envs/good.env': validEnvironment('good', { LOG_FLOOR: 'debug' }).replaceAll('=fake-', '=fake-good-'),
  'envs/lacking.env': validEnvironment('lacking', { OFFICE: '', LOG_FLOOR: 'loud', POSTAL_API_KEY: '' }),
  'envs/odd.env': validEnvironment('odd', { GEOCODES_API_KEY: "'fake-blank '" }).replaceAll('=fake-', '=fake-odd-'),
  'envs/odd.config.env': 'LOG_FLOOR=warn\n',
  'made/x.env': validEnvironment('x', { OFFICE: '', PARTNER_URL: 'wss://${OFFICE}' }),
  'made/x.config.env': 'OFFICE=office.example.com\n',
  'hostile/x.env': validEnvironment('x', { KUBE_CLUSTER: `'${hostile}\u202e'` }),
  'hostile/y.env': validEnvironment('y'),
});

async function pageOf(...args: readonly string[]): Promise<{ status: number; page: string; file: string }> {
  const before = process.cwd();
  process.chdir(root);
  try {
    const { status, stdout } = await run([...args, '--report', 'html'], {
      catalog: args.includes('hostile') ? verbatimCatalog : catalog,
    });
    const file = join(folderWith({}), 'page.html');
    writeFileSync(file, stdout);
    return { status, page: stdout, file };
  } finally {
    process.chdir(before);
  }
}

it('is one file that asks nobody for anything: its policy allows its own style and script, and no more', async () => {
  const { status, page } = await pageOf('check', '--all');
  expect(status).toBe(1);
  const hash = (tag: string) => {
    const [, text = ''] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page) ?? [];
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  };
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  expect(policy.replaceAll('&#39;', "'").split('; ')).toEqual([
    "default-src 'none'",
    `style-src ${hash('style')}`,
    `script-src ${hash('script')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(page.match(/ (?:src|href|action|style|on\w+)="(?!#)[^"]*"|@import|url\(/g)).toBeNull();
});

it('has the same bytes for the same input, and no control character of a value', async () => {
  const line = ['check', '--all', '--envs', 'hostile'];
  const [one, other] = [await pageOf(...line), await pageOf(...line)];
  expect(one.page).toContain('&lt;img src=x onerror=document.title=1&gt;');
  expect(one.page).toBe(other.page);
  expect(one.page).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
});

it('says of one environment what a value is made of, and who reads it', async () => {
  const { page } = await pageOf('check', 'x', '--envs', 'made');
  const facts = page.replaceAll('<wbr>', '').match(/(?<=<dt>)read.*?<\/dd>/g);
  expect(facts).toEqual(['reads</dt><dd>OFFICE (made/x.config.env:1)</dd>', 'read by</dt><dd>PARTNER_URL</dd>']);
});

describe.each([
  ['check', ['check', '--all', '--envs', 'hostile'], hostile],
  ['check of one', ['check', 'x', '--envs', 'hostile'], hostile],
  ['check of one variable', ['check', 'x', 'y', 'KUBE_CLUSTER', '--envs', 'hostile'], hostile],
  ['diff', ['diff', 'x', 'y', '--envs', 'hostile'], hostile],
  ['check with problems', ['check', '--all'], 'suspicious-value'],
  ['a refusal', ['check', 'nobody'], 'unknown-environment'],
])('%s in a browser', (_what, args, shown) => {
  itWithChromium('asks for nothing, breaks no rule of its policy, and takes no value for HTML', async () => {
    const { file } = await pageOf(...args);
    await withPage(file, async ({ events, evaluate }) => {
      const asked = events.flatMap(({ method, params }) =>
        method === 'Network.requestWillBeSent' ? [(params['request'] as { url: string }).url] : [],
      );
      expect(asked).toEqual([`file://${file}`]);
      expect(events.filter(({ method }) => /^Log\.|exceptionThrown|consoleAPICalled/.test(method))).toEqual([]);
      expect(await evaluate('document.title')).toBe(await evaluate("document.querySelector('h1').textContent"));
      expect(await evaluate("document.querySelectorAll('img, body script:not(:last-child)').length")).toBe(0);
      expect(await evaluate('document.body.textContent')).toContain(shown);
      expect(await evaluate('document.compatMode')).toBe('CSS1Compat');
    });
  });
});

/** What is seen of the rows of the table and of the problems. */
const seen = async ({ evaluate }: Page) => ({
  rows: await evaluate<string[]>(
    "[...document.querySelectorAll('tbody tr')].filter((each) => each.checkVisibility()).map((each) => each.querySelector('code').textContent)",
  ),
  problems: await evaluate<string[]>(
    "[...document.querySelectorAll('.problem')].filter((each) => each.checkVisibility()).map((each) => each.querySelector('code').textContent)",
  ),
  groups: await evaluate<string[]>(
    "[...document.querySelectorAll('h3')].filter((each) => each.checkVisibility()).map((each) => each.textContent)",
  ),
  count: await evaluate<string>("document.getElementById('count').textContent"),
});

itWithChromium(
  'shows what needs a look first, and narrows down to what is asked for, by the keyboard alone',
  async () => {
    const { file } = await pageOf('check', '--all');
    await withPage(file, async (page) => {
      const all = await seen(page);
      expect(all.rows.slice(0, 4)).toEqual(['OFFICE', 'POSTAL_API_KEY', 'LOG_FLOOR', 'GEOCODES_API_KEY']);
      expect(all.groups).toEqual(['lacking', 'odd']);
      expect(all.problems).toEqual(['missing', 'missing', 'invalid-value', 'suspicious-value']);
      expect(all.count).toBe(`4 of 4 problems, ${all.rows.length} of ${all.rows.length} variables`);

      await page.press('Tab', 9);
      for (const letter of 'Lacking') await page.press(letter, letter.toUpperCase().charCodeAt(0), letter);
      expect(await seen(page)).toEqual({
        rows: ['OFFICE', 'POSTAL_API_KEY', 'LOG_FLOOR', 'PD_ENV', 'POD_NAMESPACE'], // two have such a value
        problems: ['missing', 'missing', 'invalid-value'],
        groups: ['lacking'],
        count: `3 of 4 problems, 5 of ${all.rows.length} variables`,
      });
      for (const _letter of 'Lacking') await page.press('Backspace', 8);
      await page.press('Tab', 9);
      await page.press(' ', 32, ' ');
      expect(await seen(page)).toEqual({
        ...all,
        rows: all.rows.slice(0, 4),
        count: `4 of 4 problems, 4 of ${all.rows.length} variables`,
      });
      // The table scrolls, so the keyboard gets there, and from there to the origin of a value.
      await page.press('Tab', 9);
      expect(await page.evaluate('document.activeElement.className')).toBe('table');
      await page.press('Tab', 9);
      const details = 'document.activeElement.parentElement';
      expect(
        await page.evaluate(`${details}.querySelector('dl').checkVisibility({ contentVisibilityAuto: true })`),
      ).toBe(false);
      await page.press('Enter', 13, '\r');
      expect(await page.evaluate(`${details}.open && ${details}.innerText.replaceAll('\\n', ' ')`)).toMatch(
        /✓ set value office\S* from envs\/good\.env:\d+ goes to ConfigMap\/common-config as OFFICE|✓ set value \S+ from envs\/good\.env:\d+ goes to/,
      );
    });
  },
);

itWithChromium('says to a screen reader what it shows by colours and signs', async () => {
  const { file } = await pageOf('check', '--all');
  await withPage(file, async ({ send }) => {
    const { nodes } = (await send('Accessibility.getFullAXTree')) as {
      nodes: readonly {
        ignored: boolean;
        role: { value: string };
        name?: { value: string };
        properties?: { name: string; value: { value: unknown } }[];
      }[];
    };
    const named = (role: string) =>
      nodes.filter((each) => !each.ignored && each.role.value === role).map(({ name }) => name?.value.trim() ?? '');
    expect(named('main')).toHaveLength(1);
    expect(named('banner')).toHaveLength(1);
    expect(named('search')).toHaveLength(1);
    expect(named('searchbox')).toEqual(['Filter']);
    expect(named('checkbox')).toEqual(['only what needs a look']);
    expect(named('region')).toEqual(['3 errors and 1 warning', 'Variables']);
    expect(named('columnheader')).toEqual(['Variable', 'good', 'lacking', 'odd']);
    expect(named('rowheader')[0]).toMatch(/^OFFICE\s+missing in lacking\s/);
    expect(named('heading')[0]).toMatch(/^2 of 3 environments ready/);
    const status = nodes.find((each) => each.role.value === 'status');
    expect(status?.properties).toContainEqual({ name: 'live', value: expect.objectContaining({ value: 'polite' }) });
    const marks = named('DisclosureTriangle');
    expect(new Set(marks)).toEqual(new Set(['set', 'default', 'unset', 'missing', 'invalid', 'set, see problem']));
  });
});

/** The contrast of two colours, as https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio counts it, of all texts that are shown. */
const leastContrast = `(() => {
  const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    const color = numbers(getComputedStyle(element).backgroundColor);
    return color[3] === 0 && element.parentElement ? behind(element.parentElement) : color;
  };
  const texts = [...document.querySelectorAll('body *')].filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && each.checkVisibility());
  return Math.min(...texts.map((each) => {
    const [a, b] = [numbers(getComputedStyle(each).color), behind(each)].map(luminance);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }));
})()`;

describe.each(['light', 'dark'])('in the %s', (theme) => {
  itWithChromium.each([400, 1280])('can be read at %i pixels, and is no wider', async (width) => {
    const { file } = await pageOf('check', '--all');
    await withPage(file, async ({ send, evaluate }) => {
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: theme }] });
      await send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
      expect(await evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await evaluate<number>(leastContrast)).toBeGreaterThanOrEqual(4.5);
      const background = await evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(Number(/\d+/.exec(background)?.[0]) > 128).toBe(theme === 'light');
    });
  });
});

itWithChromium('on paper has every origin and no form', async () => {
  const { file } = await pageOf('check', '--all');
  await withPage(file, async ({ send, evaluate }) => {
    await send('Emulation.setEmulatedMedia', { media: 'print' });
    await evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await evaluate("document.querySelectorAll('details:not([open])').length")).toBe(0);
    expect(await evaluate("document.querySelector('form').checkVisibility()")).toBe(false);
    await evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await evaluate("document.querySelectorAll('details[open]').length")).toBe(0);
  });
});

it('of more environments than a reader can take in has a column for those that are alike', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `x${at}`);
  const files = Object.fromEntries(
    names.map((name) => [`${name}.env`, validEnvironment(name).replaceAll('=fake-', `=fake-${name}-`)]),
  );
  const envs = folderWith({ ...files, 'y.env': validEnvironment('y', { OFFICE: '' }) });
  const { stdout } = await run(['check', '--all', '--envs', envs, '--report', 'html']);
  expect([...stdout.matchAll(/<th scope="col">([^<]*)/g)].map(([, title]) => title)).toEqual([
    'Variable',
    'x0, x1 and 28 more',
    'y',
  ]);
});
