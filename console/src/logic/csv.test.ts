import { expect, it } from 'vitest';

import { toCsv } from './csv';

it('quotes what has commas, quotes or line breaks', () => {
  expect(toCsv(['a', 'b'], [['1,2', 'say "hi"'], ['x\ny', null]])).toBe('a,b\r\n"1,2","say ""hi"""\r\n"x\ny",\r\n');
});

it('leaves nothing that a spreadsheet would run', () => {
  expect(toCsv(['a'], [['=1+1'], ['+49 30'], ['-5'], ['@x'], ['\tx']])).toBe("a\r\n'=1+1\r\n'+49 30\r\n'-5\r\n'@x\r\n'\tx\r\n");
  expect(toCsv(['a'], [[-5], [0], [true], ['a=b']])).toBe('a\r\n-5\r\n0\r\ntrue\r\na=b\r\n');
});
