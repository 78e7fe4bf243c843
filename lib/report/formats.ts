import { html } from './html';
import { json } from './json';
import { markdown } from './markdown';
import type { ReportFormat } from './report';
import { text } from './text';

/** Every form that reports are given in, by what `--report` calls it. */
export const formats = { text, json, markdown, html } as const satisfies Readonly<Record<string, ReportFormat>>;

export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as readonly FormatName[];
