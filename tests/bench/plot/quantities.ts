/** Numbers with units, as short as one reads them: 1.2 ms, 500 MB, 10,000. */

const secondUnits = [
  ["s", 1],
  ["ms", 1e-3],
  ["µs", 1e-6],
] as const;

const byteUnits = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["KB", 1e3],
  ["B", 1],
] as const;

export const secondsText = (seconds: number): string => withUnit(seconds, secondUnits);
export const bytesText = (bytes: number): string => withUnit(bytes, byteUnits);
export const countText = (count: number): string => short(count).replace(/\B(?=(\d{3})+$)/g, ",");

function withUnit(value: number, units: readonly (readonly [string, number])[]): string {
  // A value that rounds up to the next unit belongs to it.
  const [unit, size] = units.find(([, least]) => value >= least * 0.9995) ?? units.at(-1) ?? ["", 1];
  return `${short(value / size)} ${unit}`;
}

/** Two digits that count, whole numbers whole. */
function short(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}
