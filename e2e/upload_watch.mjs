// Looks over the shoulder of a browser that uploads: how much the server holds, and that it never holds less.
import assert from "node:assert/strict";

/** Follows the offset of every upload that this browser begins; it may only grow. */
export class UploadWatch {
  addresses = new Set();
  offset = 0;

  constructor(context) {
    this.request = context.request;
    context.on("response", (response) => {
      const place = response.headers()["location"];
      if (response.request().method() === "POST" && new URL(response.url()).pathname === "/api/v1/uploads" && place) this.addresses.add(new URL(place, response.url()).pathname);
    });
  }

  async look() {
    const [address] = this.addresses;
    if (!address) return 0;
    const answer = await this.request.head(address, { headers: { "Tus-Resumable": "1.0.0" } });
    const offset = Number(answer.headers()["upload-offset"]);
    assert.ok(Number.isInteger(offset), `HEAD ${address} answered ${answer.status()} without an offset`);
    assert.ok(offset >= this.offset, `the offset went back from ${this.offset} to ${offset}`);
    this.offset = offset;
    return offset;
  }

  /** What the server holds when nothing arrives any more. */
  async settled() {
    let [before, now] = [-1, await this.look()];
    while (now !== before) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      [before, now] = [now, await this.look()];
    }
    return now;
  }
}
