const NONE = '—';

export function formatBytes(bytes: number | undefined): string {
  return isNumber(bytes) ? Math.round(bytes).toLocaleString('en') : NONE;
}

export function formatMs(ms: number | undefined): string {
  return isNumber(ms) ? ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0) : NONE;
}

export function formatCount(count: number | undefined): string {
  return isNumber(count) ? count.toLocaleString('en', { maximumFractionDigits: 2 }) : NONE;
}

export function formatRatio(ratio: number | undefined): string {
  return isNumber(ratio) ? ratio.toFixed(2) : NONE;
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
