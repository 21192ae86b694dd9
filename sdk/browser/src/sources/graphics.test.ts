import assert from 'node:assert/strict';
import { it } from 'node:test';

import { FakeElement, fakePage } from '../fake.ts';
import { graphics } from './graphics.ts';

const DEBUG = { UNMASKED_VENDOR_WEBGL: 0x9245, UNMASKED_RENDERER_WEBGL: 0x9246 };
const VALUES: Record<number, unknown> = { 0x9245: 'Google Inc. (NVIDIA)', 0x9246: 'ANGLE (GeForce)', 1: 'WebGL 1.0', 5: new Float32Array([1, 64]) };

function pageWith(debug: object | null, values = VALUES) {
  const lost: string[] = [];
  const gl = {
    VERSION: 1,
    ALIASED_POINT_SIZE_RANGE: 5,
    getParameter: (name: number) => values[name] ?? null,
    getSupportedExtensions: () => ['OES_texture_float'],
    getExtension: (name: string) => (name === 'WEBGL_debug_renderer_info' ? debug : { loseContext: () => lost.push(name) }),
  };
  const document = { createElement: () => Object.assign(new FakeElement(), { getContext: (kind: string) => (kind === 'webgl' ? gl : null) }) };
  return { ...fakePage({ document }), lost };
}

it('names the hardware and what it can do', () => {
  const seen = graphics(pageWith(DEBUG).page);
  assert.deepEqual([seen?.webglVendor, seen?.webglRenderer], ['Google Inc. (NVIDIA)', 'ANGLE (GeForce)']);
  assert.match(seen?.abilities ?? '', /GeForce.*WebGL 1\.0.*\[1,64\].*OES_texture_float/);
});

it('leaves the names out where the browser hides them', () => {
  const seen = graphics(pageWith(null).page);
  assert.deepEqual(Object.keys(seen ?? {}), ['abilities']);
});

it('tells different hardware apart, and the same not', () => {
  const abilities = (values?: Record<number, unknown>) => graphics(pageWith(DEBUG, values).page)?.abilities;
  assert.equal(abilities(), abilities());
  assert.notEqual(abilities(), abilities({ ...VALUES, 5: new Float32Array([1, 1024]) }));
});

it('gives the context back', () => {
  const { page, lost } = pageWith(DEBUG);
  graphics(page);
  assert.deepEqual(lost, ['WEBGL_lose_context']);
});

it('is unknown without WebGL', () => assert.equal(graphics(fakePage().page), undefined));
