import assert from 'node:assert/strict';
import { it } from 'node:test';

import { FakeElement, fakePage } from '../fake.ts';
import { canvasImage } from './canvas.ts';

function pageDrawing(toDataURL: () => string) {
  const nothing = () => {};
  const context = { fillRect: nothing, fillText: nothing, beginPath: nothing, arc: nothing, fill: nothing };
  const document = { createElement: () => Object.assign(new FakeElement(), { getContext: () => context, toDataURL }) };
  return fakePage({ document }).page;
}

it('is what was drawn', () => {
  assert.equal(canvasImage(pageDrawing(() => 'data:image/png;base64,AA==')), 'data:image/png;base64,AA==');
});

it('is unknown where the browser adds noise to each reading', () => {
  let reading = 0;
  assert.equal(canvasImage(pageDrawing(() => `data:image/png;base64,${reading++}`)), undefined);
});

it('is unknown where a canvas may not be read, or drawn', () => {
  assert.equal(canvasImage(pageDrawing(() => 'data:,')), undefined);
  assert.equal(canvasImage(fakePage().page), undefined);
});
