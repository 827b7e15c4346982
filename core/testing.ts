/**
 * focused-file-sync/testing: for apps that test with it, and for whoever writes a storage or a transport. A driver is
 * what passes the suite.
 */
export { storageConformance } from "./storage/conformance.ts";
export { transportConformance } from "./transport/conformance.ts";
export { faultyStorage } from "./storage/faulty.ts";
export { memoryNetwork } from "./transport/memory.ts";
export { seededRandom } from "./base/random.ts";
export { systemClock } from "./transport/system-clock.ts";
