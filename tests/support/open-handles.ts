/** What of a Node process is open right now: for tests that nothing is left over. */

const countedKinds = new Set(["TCPSocketWrap", "TCPServerWrap", "TCPConnectWrap", "Timeout"]);

export function openHandleCount(): number {
  return process.getActiveResourcesInfo().filter((kind) => countedKinds.has(kind)).length;
}
