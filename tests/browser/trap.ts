/**
 * What Node has and browsers have not, watched while the tests run: some of our dependencies mention `Buffer` in parts
 * that we never enter, and this proves that we never do. Reading one gives undefined, as ever, and is remembered.
 *
 * The function runs in the page before any script of it; so it is complete in itself.
 */
export function trapGlobals(): void {
  const touched: string[] = [];
  Object.defineProperty(globalThis, "touchedGlobals", { value: touched });
  for (const name of ["Buffer", "process", "require", "global", "setImmediate"]) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => {
        touched.push(name);
        return undefined;
      },
      // A page that declares a global of this name gets it.
      set: (value: unknown) => {
        Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
      },
    });
  }
}
