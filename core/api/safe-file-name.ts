/**
 * A name under which a received file can be written: the last part of the name that its author gave, without anything
 * that a file system, a terminal or a reader could be fooled by. The name in the descriptor stays as it is.
 */
const separators = /[/\\]/;
/** Control characters, and those that turn the direction of text around (Unicode Standard Annex 9). */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]/gu;
/** Names that Windows takes for devices, whatever follows the dot. */
const device = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const bytesMax = 200;

export function safeFileName(name: string, fallback = "attachment"): string {
  const last =
    name
      .split(separators)
      .filter((part) => part !== "")
      .pop() ?? "";
  let safe = last
    .replace(unsafe, "")
    .trim()
    .replace(/^\.+/, "")
    .replace(/[. ]+$/, "");
  while (new TextEncoder().encode(safe).length > bytesMax) safe = [...safe].slice(0, -1).join("");
  if (safe === "") return fallback;
  return device.test(safe) ? `_${safe}` : safe;
}
