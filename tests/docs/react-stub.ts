/** As much of React as the examples use: what it demands of a store, checked. */
export function useSyncExternalStore<Snapshot>(
  subscribe: (listener: () => void) => () => void,
  getSnapshot: () => Snapshot,
): Snapshot {
  const unsubscribe = subscribe(() => {});
  const snapshot = getSnapshot();
  if (!Object.is(snapshot, getSnapshot())) throw new Error("the snapshot must keep its identity while nothing changes");
  unsubscribe();
  return snapshot;
}
