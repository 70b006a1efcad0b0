// The peer that `fanout.py` compares with: Node's `ws`, one frame built for all clients as its
// documentation shows. Same orders on standard input as `_fanout_servers.py`.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const { WebSocketServer, WebSocket } = createRequire(process.argv[2] + "/")("ws");
const SIZE = 400;

const server = createServer();
const wss = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: true });
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  console.log(server.address().port),
);

function publish(number, due) {
  const text = `{"n":${number},"t":${due},"pad":"${"x".repeat(SIZE - 45)}"}`;
  for (const client of wss.clients) {
    if (client.readyState === WebSocket.OPEN) client.send(text);
  }
}

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
