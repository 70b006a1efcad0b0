// The peers that `fanout.py` compares with: Node's `ws`, one frame built for all clients as its
// documentation shows, and socket.io over WebSocket only. Same orders on standard input as
// `_fanout_servers.py`. Arguments: the peer, and a folder from which Node resolves it.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const SIZE = 400;
const [, , peer, folder] = process.argv;
const require = createRequire(folder + "/");
const server = createServer();
const pad = "x".repeat(SIZE - 45);

function ws() {
  const { WebSocketServer, WebSocket } = require("ws");
  const wss = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: true });
  return (number, due) => {
    const text = `{"n":${number},"t":${due},"pad":"${pad}"}`;
    for (const client of wss.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(text);
    }
  };
}

function socketIo() {
  const { Server } = require("socket.io");
  const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
  // A bigint is no JSON; the client reads digits.
  return (number, due) => io.emit("e", { n: number, t: Number(due), pad });
}

const publish = { ws, "socket.io": socketIo }[peer]();
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  console.log(server.address().port),
);

createInterface({ input: process.stdin }).once("line", (order) => {
  const [, rate, seconds] = order.split(" ").map(Number);
  const begin = process.hrtime.bigint();
  const due = (number) => begin + BigInt(Math.round((number * 1e9) / rate));
  const wait = (number) => Math.max(0, Number(due(number) - process.hrtime.bigint()) / 1e6);
  let number = 0;
  const next = () => {
    if (number >= rate * seconds) return console.log("done");
    publish(++number, due(number));
    setTimeout(next, wait(number + 1));
  };
  setTimeout(next, wait(1));
});
