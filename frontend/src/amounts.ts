// Bytes and durations as people read them. Decimal units, like the server's pages.

import type { Language } from "./words.ts";

const units = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytesInWords(bytes: number, language: Language): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 ? 0 : 1;
  return `${value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${units[unit]}`;
}

/** Coarse on purpose: nobody believes an estimate with seconds after ten minutes. */
export function secondsInWords(seconds: number): string {
  if (!Number.isFinite(seconds)) return "…";
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round((seconds % 3600) / 60);
  return minutes === 60 ? `${hours + 1} h` : `${hours} h ${minutes} min`;
}
