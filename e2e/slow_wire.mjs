// A wire between browser and server that counts what goes up and lets it pass only so fast, so that
// an upload can be broken in its middle and what was sent twice can be counted.
import { createServer, connect } from "node:net";

const tickMilliseconds = 20;

export class SlowWire {
  bytesUp = 0;
  bytesPerSecond = Infinity;
  #sockets = new Set();

  constructor(target) {
    this.target = new URL(target);
  }

  async open() {
    this.server = createServer((near) => this.#join(near));
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }

  #join(near) {
    const far = connect(Number(this.target.port || 80), this.target.hostname);
    for (const [socket, other] of [[near, far], [far, near]]) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    far.pipe(near);
    near.on("end", () => far.end());
    near.on("data", (piece) => {
      this.bytesUp += piece.length;
      const room = far.write(piece);
      const wait = Number.isFinite(this.bytesPerSecond) ? (piece.length / this.bytesPerSecond) * 1000 : 0;
      if (!room || wait > 1) near.pause();
      if (room && wait > 1) setTimeout(() => near.resume(), Math.max(1, Math.min(wait, 50 * tickMilliseconds)));
    });
    far.on("drain", () => near.resume());
  }
}
