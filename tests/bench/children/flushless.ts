/** A storage whose flushes do nothing: for stores that are made to be measured later, where a loss of power costs a run. */
import type { Storage, StorageFile, StorageProvider } from "../../../core/index.ts";

export const flushless = (provider: StorageProvider): StorageProvider => ({
  durability: provider.durability,
  open: async () => without(await provider.open()),
});

const without = (storage: Storage): Storage =>
  passingOn(storage, {
    flushNames: async () => undefined,
    open: (name: string, options: { create: boolean }) => {
      const file = storage.open(name, options);
      return file === undefined ? undefined : passingOn<StorageFile>(file, { flush: async () => undefined });
    },
  });

/** Every other member as it is, whatever members there are in the library that is measured. */
function passingOn<T extends object>(target: T, instead: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const own: unknown = instead[name as keyof T];
      const value: unknown = own ?? target[name as keyof T];
      return own === undefined && typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
