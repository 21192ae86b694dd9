import assert from 'node:assert/strict';
import { it } from 'node:test';

import { FakeElement, fakePage } from '../fake.ts';
import { fonts } from './fonts.ts';

function pageWithFonts(widths: Record<string, number>) {
  const context = {
    font: '',
    measureText() {
      const names = this.font.replace('48px ', '').split(', ').map((name) => name.replace(/"/g, ''));
      return { width: widths[names.find((name) => name in widths) ?? ''] };
    },
  };
  return fakePage({ document: { createElement: () => Object.assign(new FakeElement(), { getContext: () => context }) } }).page;
}

it('are those that are not as wide as what stands in for them', () => {
  const page = pageWithFonts({ monospace: 300, serif: 280, Calibri: 270, Verdana: 310, Wingdings: 1 });
  assert.deepEqual(fonts(page), ['Calibri', 'Verdana']);
});

it('are found when they are as wide as one stand-in', () => {
  assert.deepEqual(fonts(pageWithFonts({ monospace: 300, serif: 280, Menlo: 300 })), ['Menlo']);
});

it('are unknown without a canvas', () => assert.equal(fonts(fakePage().page), undefined));
