// The Prometheus text format, as far as the health screen needs it.

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!found) continue;
    const [, name = '', labels = '', value = ''] = found;
    samples.push({ name, labels: parseLabels(labels), value: Number(value) });
  }
  return samples;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    labels[name] = value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}

/** The sum of the samples of this name that have these labels. */
export function sum(samples: Sample[], name: string, labels: Record<string, string> = {}): number {
  const fits = (sample: Sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
  return samples.filter(fits).reduce((total, sample) => total + sample.value, 0);
}

/** The upper end of the histogram bucket in which the quantile lies; undefined when nothing was counted. */
export function quantile(samples: Sample[], name: string, part: number, fits: (labels: Record<string, string>) => boolean): number | undefined {
  const counts = new Map<number, number>();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket` || !fits(sample.labels)) continue;
    const end = sample.labels.le === '+Inf' ? Infinity : Number(sample.labels.le);
    counts.set(end, (counts.get(end) ?? 0) + sample.value);
  }
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  return buckets.find(([, count]) => count >= part * total)?.[0];
}
