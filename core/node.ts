/** focused-file-sync/node: files and stores on disk, both ends of WebSockets, for Node and Electron. */
export { fileSource } from "./api/node-file-source.ts";
export { nodeStorage } from "./storage/node.ts";
export { nodeWebSocketTransport, webSocketServer } from "./transport/web-socket-node.ts";
