// Stand-in for the native WebRTC binding. Importing works, using it throws.
class Unavailable {
  constructor() {
    throw new Error("WebRTC is stubbed out in bench-peers (TCP only)");
  }
}
export class PeerConnection extends Unavailable {}
export class IceUdpMuxListener extends Unavailable {}
export class RtcpReceivingSession extends Unavailable {}
export class Video extends Unavailable {}
export class Audio extends Unavailable {}
export class RTCPeerConnection extends Unavailable {}
export class RTCSessionDescription extends Unavailable {}
export class RTCIceCandidate extends Unavailable {}
export function cleanup() {}
export function initLogger() {}
export default { PeerConnection, IceUdpMuxListener, cleanup, initLogger };
