/** Lines over turns; both axes are logarithmic, so that a line that rises by one decade for each is a cost that grows. */
export interface LineChart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** Drawn thicker. */
  readonly isOurs: boolean;
  readonly points: readonly (readonly [turn: number, value: number])[];
}

const WIDTH = 760;
const HEIGHT = 360;
const PLOT = { left: 96, right: 500, top: 44, bottom: 316 };
const COLORS = ['#0b6bcb', '#c4320a', '#3a7d44', '#8e4ec6', '#b58105', '#0f766e', '#be185d', '#57534e', '#7c5cff'];

/** A picture by itself: it has its own background, for readers in the dark. */
export function drawLines({ title, unit, lines }: LineChart): string {
  const turns = [10, 100, 1_000];
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value)).filter((value) => value > 0);
  const decades = decadesOf(values);
  const x = (turn: number) => PLOT.left + ((Math.log10(turn) - 1) / 2) * (PLOT.right - PLOT.left);
  const [low, high] = [Math.log10(decades[0] ?? 1), Math.log10(decades.at(-1) ?? 10)];
  const y = (value: number) => PLOT.bottom - ((Math.log10(value) - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const drawn = lines
    .map((line) => ({ ...line, points: line.points.filter(([, value]) => value > 0) }))
    .sort((a, b) => (b.points.at(-1)?.[1] ?? 0) - (a.points.at(-1)?.[1] ?? 0));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(PLOT.left, 24, `${title}, ${unit}`, 'font-weight="bold" font-size="14"'),
    ...decades.map((value) =>
      [
        `<path d="M${PLOT.left} ${y(value)}H${PLOT.right}" stroke="#ddd"/>`,
        text(PLOT.left - 8, y(value) + 4, value.toLocaleString('en'), 'text-anchor="end"'),
      ].join(''),
    ),
    ...turns.map((turn) => text(x(turn), PLOT.bottom + 20, turn.toLocaleString('en'), 'text-anchor="middle"')),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 38, 'turn', 'text-anchor="middle" fill="#555"'),
    ...drawn.map(({ name, isOurs, points }, index) => {
      const color = COLORS[index % COLORS.length] ?? '#000';
      const path = points.map(([turn, value]) => `${round(x(turn))},${round(y(value))}`).join(' ');
      const at = PLOT.top + 8 + index * 20;
      return [
        `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="${isOurs ? 4 : 2}"/>`,
        ...points.map(
          ([turn, value]) => `<circle cx="${round(x(turn))}" cy="${round(y(value))}" r="3" fill="${color}"/>`,
        ),
        `<rect x="${PLOT.right + 24}" y="${at - 9}" width="12" height="10" fill="${color}"/>`,
        text(PLOT.right + 42, at, name, isOurs ? 'font-weight="bold"' : ''),
      ].join('');
    }),
    '</svg>',
    '',
  ].join('\n');
}

/** The powers of ten around the values, two at least. */
function decadesOf(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values, 1e9)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1e-9))));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
