import { createHash } from 'node:crypto';
import { numberText } from '../environment/number-text';
import { printable } from './terminal';

/** A piece of HTML. Only {@link markup} makes one, so that no text gets into a page unescaped. */
export interface Markup {
  readonly [source]: string;
}

const source: unique symbol = Symbol('HTML');

type Content = string | number | Markup | readonly Content[];

/** HTML of a template whose own text is HTML; what is put into it is text, or made by this function. */
export function markup(template: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { [source]: template.map((text, at) => (at === 0 ? text : sourceOf(contents[at - 1] ?? '') + text)).join('') };
}

function sourceOf(content: Content): string {
  if (typeof content === 'string') return escaped(content);
  if (typeof content === 'number') return numberText(content);
  return source in content ? content[source] : content.map(sourceOf).join('');
}

function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A name or a place that may go on in the next line behind one of its marks. */
export function breakable(text: string): Markup {
  return markup`${text.split(/(?<=[_/.:-])/).map((part, at) => (at === 0 ? part : markup`<wbr>${part}`))}`;
}

/** A whole page: one file, which asks nobody for anything and runs nothing but its own script. */
export function htmlPage(title: string, body: Markup): string {
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  // The two are put in as they are: the policy has their hashes.
  const [styles, scripts] = [style, script].map((text) => ({ [source]: text }));
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${styles ?? ''}</style>
</head>
<body>
<header><h1>${title}</h1></header>
<main>
${body}
</main>
<script>${scripts ?? ''}</script>
</body>
</html>
`;
  return page[source];
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** What narrows down the rows of tables and the problems; shown by the script only, which it needs. */
export function filterForm(hint: string): Markup {
  return markup`<form role="search" id="filter" hidden>
<label for="search">Filter</label>
<input type="search" id="search" autocomplete="off" spellcheck="false" placeholder="${hint}">
<label><input type="checkbox" id="only"> only what needs a look</label>
<p role="status" aria-live="polite" id="count"></p>
</form>`;
}

const style = `
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1c2024; --quiet: #57606a; --line: #d5dae0; --band: #f5f7f9;
  --error: #b3261e; --error-band: #fdecea; --warning: #7a4f00; --warning-band: #fff5d9; --good: #1a6b35; --link: #0b57d0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --text: #e4e7ea; --quiet: #a0a9b2; --line: #373e45; --band: #1d2125;
    --error: #ffa198; --error-band: #3b1d1b; --warning: #f0c35a; --warning-band: #33290f; --good: #7fd598; --link: #8ab4f8;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 90rem; background: var(--page); color: var(--text); font: 1rem/1.45 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
a { color: var(--link); }
code, .value { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; white-space: pre-wrap; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
[hidden] { display: none; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: 1rem 0 0; }
form label { display: flex; gap: .4rem; align-items: center; }
form p { margin: 0; color: var(--quiet); }
input[type=search] { flex: 1 1 12rem; max-width: 24rem; padding: .4rem .6rem; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--quiet); border-radius: .3rem; }
ul { list-style: none; margin: 0; padding: 0; }
.problem { margin: .3rem 0; padding: .4rem .75rem; border-left: .3rem solid var(--warning); background: var(--warning-band); }
.problem.error { border-color: var(--error); background: var(--error-band); }
.problem p { margin: 0; overflow-wrap: anywhere; }
.problem:target { outline: 3px solid var(--link); }
.mark { font-weight: 600; white-space: nowrap; }
.error > .mark, .error.mark, .error summary .mark { color: var(--error); }
.warning > .mark, .warning.mark, .warning summary .mark { color: var(--warning); }
.good .mark { color: var(--good); }
.quiet, .quiet .mark { color: var(--quiet); font-weight: 400; }
.table { overflow: auto; max-height: 85vh; border: 1px solid var(--line); border-radius: .3rem; }
table { border-collapse: separate; border-spacing: 0; width: 100%; }
th, td { padding: .4rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { position: sticky; top: 0; z-index: 2; background: var(--band); white-space: nowrap; }
tbody th { position: sticky; left: 0; z-index: 1; background: var(--page); font-weight: 400; min-width: 11rem; max-width: 22rem; }
thead th:first-child { left: 0; z-index: 3; }
tbody th p { margin: 0; font-size: .85rem; }
td.error { background: var(--error-band); }
td.warning { background: var(--warning-band); }
summary { cursor: pointer; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content minmax(8rem, 1fr); gap: .15rem .75rem; margin: .4rem 0 .2rem; font-size: .85rem; min-width: 14rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  tbody th { min-width: 8.5rem; max-width: 8.5rem; }
  td { min-width: 8rem; }
  th, td { padding: .35rem .5rem; }
  dl { display: block; min-width: 9rem; }
  dd + dt { margin-top: .25rem; }
}
@media print {
  :root {
    --page: #fff; --text: #000; --quiet: #444; --line: #999; --band: #fff;
    --error: #8c1d18; --error-band: #fff; --warning: #5c3b00; --warning-band: #fff; --good: #14532a; --link: #000;
  }
  body { padding: 0; max-width: none; }
  form { display: none; }
  .table { overflow: visible; max-height: none; }
  thead th, tbody th { position: static; }
  tr, .problem { break-inside: avoid; }
}
`;

const script = `
'use strict';
const form = document.getElementById('filter');
if (form) {
  const [search, only, count] = ['search', 'only', 'count'].map((id) => document.getElementById(id));
  // Of a row what it is about and its values, not where they come from; a problem stands below its environment's name.
  const textOf = (element) => {
    const heading = element.closest('[data-group]')?.querySelector('h3');
    const parts = element.matches('tr') ? element.querySelectorAll('th, .mark, .value') : [heading, element];
    return [...parts].map((each) => each?.textContent ?? '').join(' ').toLowerCase();
  };
  const items = [...document.querySelectorAll('[data-item]')].map((element) => ({
    element,
    kind: element.dataset.item,
    text: textOf(element),
    stands: 'look' in element.dataset,
  }));
  const groups = [...document.querySelectorAll('[data-group]')];
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const counts = new Map();
    for (const { element, kind, text, stands } of items) {
      const shown = words.every((word) => text.includes(word)) && (stands || !only.checked);
      element.hidden = !shown;
      const [some = 0, all = 0] = counts.get(kind) ?? [];
      counts.set(kind, [some + Number(shown), all + 1]);
    }
    for (const group of groups) group.hidden = !group.querySelector('[data-item]:not([hidden])');
    count.textContent = [...counts].map(([kind, [some, all]]) => some + ' of ' + all + ' ' + kind).join(', ');
  };
  form.hidden = false;
  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  // What the browser keeps of an earlier visit is filtered too.
  addEventListener('pageshow', filter);
}
let closed = [];
addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll('details:not([open])')];
  for (const each of closed) each.open = true;
});
addEventListener('afterprint', () => {
  for (const each of closed) each.open = false;
});
`;
