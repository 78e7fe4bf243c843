import { check, nat, property, string } from 'fast-check';
import { textLines } from './text-lines';

it('agrees with a split at newlines, wherever it is asked', () => {
  const texts = string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll(/[a-z]/g, '\n'));
  const result = check(
    property(texts, nat(45), (text, index) => {
      const lines = textLines(text);
      const expected = text.slice(0, index).split('\n').length;
      return (
        lines.numberAt(index) === expected &&
        text.split('\n').every((line, at) => lines.line(at + 1) === line) &&
        lines.line(0) === '' &&
        lines.line(text.split('\n').length + 1) === ''
      );
    }),
  );
  expect(result).toMatchObject({ failed: false });
});
