/**
 * Flushes come faster than a disk does them. Calls made while a flush runs share the next one: the running one may have
 * started before their bytes were written, so it does not cover them.
 *
 * A failure stays. Once a device has refused to flush, what was written before may be lost although a later flush
 * succeeds (the system marks the pages clean either way); so nothing is called durable again until the store is opened anew.
 */
export function coalesced(flush: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = (): Promise<void> => {
    const current = flush().then(() => {
      if (running === current) running = undefined;
    });
    running = current;
    return current;
  };
  return () => {
    if (running === undefined) return start();
    next ??= running.then(() => {
      next = undefined;
      return start();
    });
    return next;
  };
}
