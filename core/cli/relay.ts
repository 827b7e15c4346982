/**
 * A link with a pace. Loopback moves a file of several MB before anyone could pause it, so a plain TCP relay stands
 * between the two processes and lets only so many bytes a second through to the receiver. It sees what anyone on the
 * way would see, sealed frames, and counts them: these are the bytes on the wire that the checks speak of.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { linkBurstMs, linkQueueBytesMax, linkTickMs } from "./demo-limits.ts";

export class Relay {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #bytesPerSecond: number;
  readonly #lines = new Set<Line>();
  #bytesTaken = 0;
  #bytesDelivered = 0;

  private constructor(targetPort: number, bytesPerSecond: number) {
    this.#targetPort = targetPort;
    this.#bytesPerSecond = bytesPerSecond;
    this.#server = createServer((receiver) => this.#join(receiver));
  }

  static async listen(targetPort: number, bytesPerSecond: number): Promise<Relay> {
    const relay = new Relay(targetPort, bytesPerSecond);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once("error", reject);
      relay.#server.listen(0, "127.0.0.1", resolve);
    });
    return relay;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Bytes that left the sender, since the start. Those that a broken connection loses in the relay are among them. */
  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  /** Bytes handed on to the receiver, since the start. */
  get bytesDelivered(): number {
    return this.#bytesDelivered;
  }

  async close(): Promise<void> {
    for (const line of this.#lines) line.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(receiver: Socket): void {
    const line: Line = new Line(receiver, connect(this.#targetPort, "127.0.0.1"), this.#bytesPerSecond, {
      taken: (bytes) => (this.#bytesTaken += bytes),
      delivered: (bytes) => (this.#bytesDelivered += bytes),
      ended: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
  }
}

interface LineOwner {
  taken(bytes: number): void;
  delivered(bytes: number): void;
  ended(): void;
}

/** One connection: requests pass as they come, answers wait for their turn. */
class Line {
  readonly #receiver: Socket;
  readonly #sender: Socket;
  readonly #owner: LineOwner;
  readonly #bytesPerMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #queue: Buffer[] = [];
  #queueBytes = 0;
  #allowedBytes = 0;
  #tickedAtMs = performance.now();
  #isSenderDone = false;

  constructor(receiver: Socket, sender: Socket, bytesPerSecond: number, owner: LineOwner) {
    this.#receiver = receiver;
    this.#sender = sender;
    this.#owner = owner;
    this.#bytesPerMs = bytesPerSecond / 1000;
    for (const socket of [receiver, sender]) {
      socket.setNoDelay(true);
      // A reset is an end like any other here; "close" follows.
      socket.on("error", () => {});
    }
    receiver.pipe(sender);
    sender.on("data", (chunk: Buffer) => this.#take(chunk));
    sender.on("end", () => (this.#isSenderDone = true));
    receiver.on("close", () => this.cut());
    sender.on("close", () => (this.#isSenderDone = true));
    this.#timer = setInterval(() => this.#tick(), linkTickMs);
  }

  /** What waits is lost, as on a link that breaks. */
  cut(): void {
    clearInterval(this.#timer);
    this.#receiver.destroy();
    this.#sender.destroy();
    this.#owner.ended();
  }

  #take(chunk: Buffer): void {
    this.#queue.push(chunk);
    this.#queueBytes += chunk.length;
    this.#owner.taken(chunk.length);
    if (this.#queueBytes > linkQueueBytesMax) this.#sender.pause();
  }

  #tick(): void {
    const now = performance.now();
    const sinceMs = Math.min(linkBurstMs, now - this.#tickedAtMs);
    this.#tickedAtMs = now;
    this.#allowedBytes = Math.min(this.#bytesPerMs * linkBurstMs, this.#allowedBytes + this.#bytesPerMs * sinceMs);
    while (this.#allowedBytes >= 1 && this.#receiver.writableLength < linkQueueBytesMax) {
      const chunk = this.#queue.shift();
      if (chunk === undefined) break;
      const count = Math.min(chunk.length, Math.floor(this.#allowedBytes));
      if (count < chunk.length) this.#queue.unshift(chunk.subarray(count));
      this.#receiver.write(chunk.subarray(0, count));
      this.#queueBytes -= count;
      this.#allowedBytes -= count;
      this.#owner.delivered(count);
    }
    if (this.#queueBytes <= linkQueueBytesMax && this.#sender.isPaused()) this.#sender.resume();
    if (this.#isSenderDone && this.#queueBytes === 0) this.#receiver.end();
  }
}
