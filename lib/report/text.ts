import { applyText, clusterText } from './cluster';
import { differenceTable, pastText, writtenText } from './differences';
import type { CheckReport, ReportFormat, Screen } from './report';
import { wrap } from './terminal';
import { environmentTable, explanation, statusMatrix, variableTable } from './variables';
import { verdict } from './verdict';

/** For people at a terminal. Problems are no part of it: they are shown as they are found. */
export const text: ReportFormat = {
  showsAllValues: false,
  check(report, screen) {
    const table = tables(report, screen);
    return table === '' ? '' : `${table}\n${wrap(verdict(report), '  ', screen.columns)}\n`;
  },
  diff(report, { colors, columns }) {
    if (report.with === 'environment') return differenceTable(report, colors, columns);
    if (report.with === 'past') return pastText(report, colors, columns);
    if (report.with === 'written') return writtenText(report, colors, columns);
    return clusterText(report, colors, columns);
  },
  apply: (report, { columns }) => applyText(report, columns),
  refusal: () => '',
};

function tables({ catalog, environments, variable }: CheckReport, screen: Screen): string {
  const existing = environments.filter(({ states }) => states.length > 0);
  const [first] = existing;
  if (!first) return '';
  if (variable !== undefined) {
    const rows = existing.flatMap(({ name, states }) => states.map((state) => ({ name, state })));
    const [only] = rows;
    return only && rows.length === 1
      ? explanation(catalog, only.state, screen.colors)
      : variableTable(rows, screen.colors, screen.columns);
  }
  return existing.length === 1
    ? environmentTable(catalog, first.states, screen)
    : statusMatrix(existing, screen.colors, screen.columns);
}
