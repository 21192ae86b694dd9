import type { Page } from '../page.ts';

export interface Graphics {
  // The names of the hardware; absent where the browser hides them.
  webglVendor?: string;
  webglRenderer?: string;
  // What the driver can do, as text that is the same each time.
  abilities: string;
}

// Undefined where there is no WebGL.
export function graphics({ document }: Page): Graphics | undefined {
  const canvas = document.createElement('canvas');
  const gl = (canvas.getContext('webgl') ?? canvas.getContext('experimental-webgl')) as WebGLRenderingContext | null;
  if (!gl) return undefined;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const hardware = names && {
    webglVendor: String(gl.getParameter(names.UNMASKED_VENDOR_WEBGL)),
    webglRenderer: String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)),
  };
  const abilities = JSON.stringify([hardware, LIMITS.map((limit) => described(gl.getParameter(gl[limit]))), gl.getSupportedExtensions()]);
  // A page may have few contexts, and this one is no longer needed.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { ...hardware, abilities };
}

const LIMITS = [
  'VERSION',
  'SHADING_LANGUAGE_VERSION',
  'MAX_TEXTURE_SIZE',
  'MAX_CUBE_MAP_TEXTURE_SIZE',
  'MAX_RENDERBUFFER_SIZE',
  'MAX_VERTEX_ATTRIBS',
  'MAX_VERTEX_UNIFORM_VECTORS',
  'MAX_FRAGMENT_UNIFORM_VECTORS',
  'MAX_VARYING_VECTORS',
  'ALIASED_LINE_WIDTH_RANGE',
  'ALIASED_POINT_SIZE_RANGE',
] as const;

function described(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
}
