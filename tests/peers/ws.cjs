// A WebSocket server or client of node's `ws`. The server echoes; both say in a line of JSON what they sent and
// received. `ws` is looked for below the folder in PEERS.
//
//   node ws.cjs server        says its port, and serves the page on stdin to whoever asks for no WebSocket
//   node ws.cjs client URL    sends the messages on stdin, [[opcode, hex], …], each after the echo of the last
const { createRequire } = require('node:module');
const http = require('node:http');
const { WebSocket, WebSocketServer } = createRequire(`${process.env.PEERS}/`)('ws');

const [, , role, url] = process.argv;
const given = require('node:fs').readFileSync(0, 'utf8');

function listen(socket, side) {
  const said = { side, sent: [], received: [] };
  socket.on('message', (data, binary) => said.received.push([binary ? 2 : 1, data.toString('hex')]));
  socket.on('close', (code, reason) => {
    console.log(JSON.stringify({ ...said, close: [code, reason.toString()] }));
  });
  return said;
}

/** Sends a message whole, or in two pieces where `cut` is not 0. */
function send(socket, said, [opcode, hex], cut = 0) {
  const data = Buffer.from(hex, 'hex');
  const binary = opcode === 2;
  said.sent.push([opcode, hex]);
  if (cut > 0) socket.send(data.subarray(0, cut), { binary, fin: false });
  socket.send(data.subarray(cut), { binary, fin: true });
}

if (role === 'server') {
  const web = http.createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(given);
  });
  const server = new WebSocketServer({ server: web, perMessageDeflate: { threshold: 0 } });
  server.on('connection', (socket) => {
    const said = listen(socket, 'server');
    socket.ping('still there?');
    socket.on('message', (data, binary) => send(socket, said, [binary ? 2 : 1, data.toString('hex')]));
  });
  web.listen(0, '127.0.0.1', () => console.log(web.address().port));
} else {
  const messages = JSON.parse(given);
  const socket = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });
  const said = listen(socket, 'client');
  const next = () => {
    const message = messages.shift();
    if (message === undefined) return socket.close(4001, 'bye');
    return send(socket, said, message, message[1].length >> 2);
  };
  socket.on('open', next);
  socket.on('message', next);
}
