import type { Page } from '../page.ts';

// Fonts that come with one system, or with programs that many people install.
const FONTS = [
  'Arial Narrow', 'Avenir', 'Bahnschrift', 'Calibri', 'Cambria', 'Cantarell', 'Century Gothic', 'Consolas', 'DejaVu Sans',
  'Franklin Gothic Medium', 'Futura', 'Geneva', 'Gill Sans', 'Helvetica Neue', 'Hoefler Text', 'Impact', 'Leelawadee UI',
  'Liberation Sans', 'Lucida Grande', 'Menlo', 'MS Gothic', 'Noto Sans', 'Optima', 'Palatino', 'PingFang SC', 'Roboto',
  'Segoe UI', 'SimSun', 'Tahoma', 'Trebuchet MS', 'Ubuntu', 'Verdana',
];
const FALLBACKS = ['monospace', 'serif'];

// Those of a short list of fonts that are installed: a text in them is not as wide as in the font that stands in for them.
export function fonts({ document }: Page): string[] | undefined {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return undefined;
  const width = (font: string) => {
    context.font = `48px ${font}`;
    return context.measureText('mmMwWLliI0O&1').width;
  };
  const standIns = FALLBACKS.map((fallback) => [fallback, width(fallback)] as const);
  return FONTS.filter((font) => standIns.some(([fallback, usual]) => width(`"${font}", ${fallback}`) !== usual));
}
