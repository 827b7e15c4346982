/** Numbers for people: decimal units as file managers show them, thousands apart, nothing more exact than the eye needs. */
const units = ["B", "kB", "MB", "GB", "TB"] as const;

export function bytesText(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // 999,950 would be shown as 1000.0 kB.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export const countText = (count: number): string => count.toLocaleString("en-US");

/** "1 slice", "20,321 slices". */
export const countOf = (count: number, one: string): string => `${countText(count)} ${one}${count === 1 ? "" : "s"}`;

export function clipText(text: string, cells: number): string {
  const characters = [...text];
  return characters.length <= cells ? text : `${characters.slice(0, cells - 1).join("")}…`;
}

export function secondsText(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

export function barText(percent: number, cells: number): string {
  const full = Math.round((percent / 100) * cells);
  return "█".repeat(full) + "░".repeat(cells - full);
}
