import { expect, it } from 'vitest';

import { parseMetrics, quantile, sum } from './metrics';

const TEXT = `# HELP x a count
x{route="/a",status="200"} 3
x{route="/b",status="500"} 1.5
y 7
d_bucket{route="/a",le="0.1"} 8
d_bucket{route="/a",le="1"} 9
d_bucket{route="/a",le="+Inf"} 10
z{text="a \\"b\\" \\\\"} 1
`;

it('reads names, labels and values', () => {
  const samples = parseMetrics(TEXT);
  expect(samples[0]).toEqual({ name: 'x', labels: { route: '/a', status: '200' }, value: 3 });
  expect(samples.at(-1)?.labels.text).toBe('a "b" \\');
  expect([sum(samples, 'x'), sum(samples, 'x', { status: '500' }), sum(samples, 'none')]).toEqual([4.5, 1.5, 0]);
});

it('tells the bucket that a quantile is in', () => {
  const samples = parseMetrics(TEXT);
  const at = (part: number) => quantile(samples, 'd', part, (labels) => labels.route === '/a');
  expect([at(0.5), at(0.85), at(0.99)]).toEqual([0.1, 1, Infinity]);
  expect(quantile(samples, 'd', 0.5, () => false)).toBeUndefined();
});
