/** focused-file-sync/node: stores on disk and both ends of WebSockets, for Node and Electron. */
export { nodeStorage } from "./storage/node.ts";
export { nodeWebSocketTransport, webSocketServer } from "./transport/web-socket-node.ts";
