import type { Page } from '../page.ts';

const TEXT = 'Sphinx of black quartz, judge my vow 1234 €ß\u{1f43f}';

// A drawing as this machine renders it. Undefined where the browser forbids to read it, or adds noise to each reading.
export function canvasImage({ document }: Page): string | undefined {
  const first = drawn(document);
  return first === drawn(document) ? first : undefined;
}

function drawn(document: Document): string | undefined {
  const canvas = document.createElement('canvas');
  canvas.width = 260;
  canvas.height = 60;
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.textBaseline = 'alphabetic';
  context.fillStyle = '#f60';
  context.fillRect(120, 4, 70, 24);
  context.fillStyle = '#069';
  context.font = '12px "Times New Roman"';
  context.fillText(TEXT, 3, 18);
  context.fillStyle = 'rgba(102, 204, 0, 0.3)';
  context.font = '15px Arial';
  context.fillText(TEXT, 5, 44);
  // Overlapping shapes: how edges blend differs between machines.
  context.globalCompositeOperation = 'multiply';
  [40, 62, 51].forEach((x, index) => {
    context.fillStyle = ['#f2f', '#2ff', '#ff2'][index] ?? '';
    context.beginPath();
    context.arc(x, index === 2 ? 42 : 26, 16, 0, Math.PI * 2);
    context.fill();
  });
  const image = canvas.toDataURL();
  // What a canvas that may not be read gives.
  return image.startsWith('data:image/') ? image : undefined;
}
