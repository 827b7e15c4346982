/**
 * A name under which a received file can be written: the last part of the name that its author gave, without anything
 * that a file system, a terminal or a reader could be fooled by. The name in the descriptor stays as it is.
 */
const separators = /[/\\]/;
/**
 * Control characters, line and paragraph separators, halves of characters, and those that turn the direction of text
 * around (Unicode Standard Annex 9); then what Windows does not take.
 */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069<>:"|?*]|\p{Surrogate}/gu;
/** Names that Windows takes for devices, whatever follows the dot. */
const device = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(\.|$)/i;
/** Below the 255 that file systems allow, so that an app can still put a number or a suffix to it. */
const bytesMax = 200;
/** A dot and what follows, when that looks like the kind of file that it is: it is what survives a cut. */
const extension = /\.[a-z0-9]{1,10}$/i;

/** A name of at most 200 bytes under which a received file can be written on any system; `fallback` when nothing is left of it. */
export function safeFileName(name: string, fallback = "attachment"): string {
  const last = name.split(separators).findLast((part) => part !== "") ?? "";
  const safe = trimmed(shortened(trimmed(last.replace(unsafe, ""))));
  if (safe === "") return fallback;
  return device.test(safe) ? `_${safe}` : safe;
}

/** Dots at the front hide a file, dots and spaces at the end are dropped by Windows. */
const trimmed = (name: string): string => name.replace(/^[\s.]+/, "").replace(/[\s.]+$/, "");

function shortened(name: string): string {
  if (bytesOf(name) <= bytesMax) return name;
  const kind = extension.exec(name)?.[0] ?? "";
  let room = bytesMax - kind.length;
  let stem = "";
  for (const character of name.slice(0, name.length - kind.length)) {
    room -= bytesOf(character);
    if (room < 0) break;
    stem += character;
  }
  return stem + kind;
}

const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(text).length;
