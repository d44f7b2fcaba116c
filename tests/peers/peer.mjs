// A WebSocket server and its client of node's `ws`: the client talks through a tap, which records what passes.
// Arguments: the tap's port, the server's port, the options of the server's permessage-deflate as JSON.
import { WebSocket, WebSocketServer } from 'ws';

const [tap, port, options] = [Number(process.argv[2]), Number(process.argv[3]), JSON.parse(process.argv[4])];
const texts = JSON.parse(process.argv[5]);
const server = new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: options });
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
  socket.on('close', () => server.close());
});
server.on('listening', () => {
  const client = new WebSocket(`ws://127.0.0.1:${tap}/`, { perMessageDeflate: { threshold: 0 } });
  let at = 0;
  const next = () => (at < texts.length ? client.send(texts[at++]) : client.close(1000));
  client.on('open', next);
  client.on('message', next);
});
