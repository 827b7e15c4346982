/** A TCP relay on loopback between a dialling process and a listening one: counts what passes, and slows it down. */
import { createServer, connect, type AddressInfo, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  /** Bytes handed to the dialling side, since the beginning. */
  downBytes(): number;
  /** Called for every piece that goes down. */
  onDown: (bytes: number) => void;
  close(): Promise<void>;
}

export async function startRelay(targetPort: number, bytesPerSecond: number): Promise<Relay> {
  let downBytes = 0;
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    return socket.setNoDelay(true);
  };
  const server = createServer((dialler) => {
    track(dialler);
    const target = track(connect(targetPort, "127.0.0.1"));
    dialler.pipe(target);
    dialler.on("close", () => target.destroy());
    target.on("close", () => dialler.destroy());
    // One piece at a time, each as long as it takes at that speed: nothing piles up here.
    target.on("data", (piece: Uint8Array) => {
      downBytes += piece.length;
      target.pause();
      dialler.write(piece);
      setTimeout(() => target.resume(), (1000 * piece.length) / bytesPerSecond);
      relay.onDown(piece.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const relay: Relay = {
    port: (server.address() as AddressInfo).port,
    downBytes: () => downBytes,
    onDown: () => {},
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return relay;
}
