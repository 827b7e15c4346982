/**
 * Nothing leaves 127.0.0.1, even if a package would like to: for where there is no network namespace, and a second lock
 * where there is one. Listening without a host, or on all of them, means 127.0.0.1; UDP is refused altogether.
 */
import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

const localHosts: ReadonlySet<unknown> = new Set(["127.0.0.1", "localhost", undefined, null, ""]);

export const isLocal = (host: unknown): boolean => localHosts.has(host);

/** The prototypes of the classes are public, the overloads of their methods many: here each is just a function. */
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** For the whole process, and for good. */
export function refuseOtherAddresses(): void {
  patch(net.Server.prototype, "listen", guardListen);
  patch(net.Socket.prototype, "connect", guardConnect);
  patch(dgram.Socket.prototype, "send", () => refuse("UDP send"));
  patch(dgram.Socket.prototype, "bind", () => refuse("UDP bind"));
  patch(dns, "lookup", guardLookup);
  syncBuiltinESMExports();
}

function patch(owner: object, name: string, guard: (original: Method) => Method): void {
  const methods = owner as Record<string, Method>;
  const original = methods[name];
  if (original === undefined) throw new Error(`Node has no ${name} any more`);
  methods[name] = guard(original);
}

const refuse =
  (what: string): Method =>
  () => {
    throw new Error(`loopback only: ${what}`);
  };

function guardListen(original: Method): Method {
  return function (...args) {
    const [first, ...rest] = typeof args[0] === "function" ? [0, ...args] : args;
    if (typeof first === "object" && first !== null && "port" in first) {
      const { host } = first as { host?: unknown };
      if (!isLocal(host)) throw new Error(`loopback only: listen on ${String(host)}`);
      return original.call(this, { ...first, host: "127.0.0.1" }, ...rest);
    }
    if (typeof first !== "number" && first !== undefined && first !== null) return original.call(this, ...args);
    const host = typeof rest[0] === "string" ? rest.shift() : undefined;
    if (!isLocal(host)) throw new Error(`loopback only: listen on ${String(host)}`);
    return original.call(this, first ?? 0, "127.0.0.1", ...rest);
  };
}

function guardConnect(original: Method): Method {
  return function (...args) {
    const host = hostOf(args);
    if (isLocal(host)) return original.call(this, ...args);
    const refusal = new Error(`loopback only: connect to ${String(host)}`);
    process.nextTick(() => (this as net.Socket).destroy(refusal));
    return this;
  };
}

/** `net.connect` hands on one array of options and callback. Without a port it is a socket in the file system. */
function hostOf(args: readonly unknown[]): unknown {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first !== "object" || first === null) return typeof args[1] === "string" ? args[1] : undefined;
  const { host, port } = first as { host?: unknown; port?: unknown };
  return port === undefined || port === 0 ? undefined : host;
}

function guardLookup(original: Method): Method {
  return function (host, ...rest) {
    if (isLocal(host)) return original.call(this, host, ...rest);
    const refusal = Object.assign(new Error(`loopback only: lookup of ${String(host)}`), { code: "ENOTFOUND" });
    process.nextTick(rest.at(-1) as (error: Error) => void, refusal);
    return undefined;
  };
}
