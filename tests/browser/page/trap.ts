/**
 * What Node has and browsers have not, watched while the tests run: some of our dependencies mention `Buffer` in parts
 * that we never enter, and this proves that we never do. Reading one gives undefined, as ever, and is remembered.
 *
 * Runs in each page before any script of it.
 */
const touchedGlobals: string[] = [];
Object.defineProperty(globalThis, "touchedGlobals", { value: touchedGlobals });

for (const name of ["Buffer", "process", "require", "global", "setImmediate"]) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      touchedGlobals.push(name);
      return undefined;
    },
  });
}
