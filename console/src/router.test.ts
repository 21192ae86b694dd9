// @vitest-environment node
import { expect, it, vi } from 'vitest';

vi.stubGlobal('addEventListener', () => {});
const { match } = await import('./router');

it('takes the parts that stand for something', () => {
  expect(match('/a/:b/c', '/a/x%2Fy/c')).toEqual({ b: 'x/y' });
  expect(match('/a', '/a/')).toEqual({});
  expect(match('/a/:b', '/a')).toBeUndefined();
  expect(match('/a/b', '/a/c')).toBeUndefined();
  expect(match('/a/:b', '/a/%E0%A4%A')).toEqual({ b: '%E0%A4%A' });
});
