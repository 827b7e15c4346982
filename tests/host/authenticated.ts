/** A transport that proves who the other end is, in the hands of the test: it plays the peer, frame by frame and without a channel. */
import type { Accept, ConnectionListener, Transport } from "../../core/base/transport.ts";
import type { PeerId } from "../../core/index.ts";

export interface PlayedPeer {
  readonly listener: ConnectionListener;
  /** Frames that came to it. */
  readonly frames: Uint8Array[];
  isClosed: boolean;
}

export interface AuthenticatedTransport extends Transport {
  connect(remotePeer: PeerId | undefined): PlayedPeer;
}

export function authenticatedTransport(): AuthenticatedTransport {
  let accept: Accept | undefined;
  return {
    async start(given) {
      accept = given;
    },
    async stop() {
      accept = undefined;
    },
    connect(remotePeer) {
      const state: { frames: Uint8Array[]; isClosed: boolean } = { frames: [], isClosed: false };
      const listener = (accept as Accept)({
        role: "responder",
        ...(remotePeer === undefined ? {} : { remotePeer }),
        send: (frame) => void state.frames.push(frame),
        bufferedBytes: () => 0,
        close: () => {
          state.isClosed = true;
        },
      });
      return Object.assign(state, { listener });
    },
  };
}
