// A large upload broken by closing the tab: the page lists it, the same file continues it, its
// sum is right, and no more than one chunk travels twice.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { play, until } from "../play.mjs";
import { SlowWire } from "../slow_wire.mjs";
import { UploadWatch } from "../upload_watch.mjs";

const fileBytes = 300 * 1000 * 1000;
const name = "large volume.raw";

await play("resume", async (stage) => {
  const path = join(stage.scratch, name);
  const sum = writeLargeFile(path);
  const wire = new SlowWire(stage.url);
  stage.url = await wire.open();
  try {
    const first = await stage.person("Grace Hopper");
    const context = first.context();
    await first.goto("/deposit?kind=tomography-materials");
    await first.locator("main form button.button-primary").click();
    await first.waitForURL(/\/deposit\/[^/]+$/);
    const id = new URL(first.url()).pathname.split("/").at(-1);
    const chunk = Number(await first.locator("[data-upload]").getAttribute("data-chunk-bytes"));

    const watch = new UploadWatch(context);
    const before = wire.bytesUp;
    wire.bytesPerSecond = 60e6;
    await first.setInputFiles("input[data-choose=files]", path);
    await until("the upload has begun and is half way", async () => (await watch.look()) > fileBytes * 0.4, { seconds: 120, everyMilliseconds: 100 });
    await stage.shot(first, "half-way");
    await first.close({ runBeforeUnload: false });
    const left = await watch.settled();
    assert.ok(left > 0 && left < fileBytes, `the tab was closed, and the server holds ${left} of ${fileBytes} bytes`);
    stage.say(`tab closed with ${Math.round(left / 1e6)} MB on the server`);

    const second = await context.newPage();
    await second.goto(`/deposit/${id}`);
    const line = second.locator(".unfinished li", { hasText: name });
    assert.equal(await line.count(), 1, "the page does not list the unfinished upload");
    await stage.shot(second, "unfinished");
    await second.setInputFiles("input[data-choose=files]", path);
    await until("the same file arrives", async () => {
      await watch.look();
      return /arrived/.test((await second.locator(".upload-headline p").textContent()).trim());
    }, { seconds: 180, everyMilliseconds: 200 });
    const twice = wire.bytesUp - before - fileBytes;
    assert.equal(watch.addresses.size, 1, "a second upload was begun instead of continuing the first");
    assert.ok(twice <= chunk, `${twice} bytes too many were sent; a chunk has ${chunk}`);

    await second.goto(`/deposit/${id}`);
    assert.equal(await second.locator(".unfinished li").count(), 0, "a finished upload is still listed as unfinished");
    assert.equal(await second.locator("#files .checksum").first().getAttribute("title"), sum, "the stored file has another checksum");
    await stage.shot(second, "arrived");
    console.log(`RESULT ${JSON.stringify({ bytes: fileBytes, held_when_closed: left, sent_twice: Math.max(0, twice), chunk })}`);
    await deletedWhenAsked(stage, second, wire, path, id);
  } finally {
    wire.close();
  }
});

/** An unfinished upload can also be given up. */
async function deletedWhenAsked(stage, page, wire, path, id) {
  wire.bytesPerSecond = 20e6;
  const context = page.context();
  const watch = new UploadWatch(context);
  await page.goto("/deposit?kind=tomography-materials");
  await page.locator("main form button.button-primary").click();
  await page.waitForURL(/\/deposit\/[^/]+$/);
  const address = page.url();
  assert.ok(!address.endsWith(id));
  await page.setInputFiles("input[data-choose=files]", path);
  await until("the second upload has begun", async () => (await watch.look()) > 0, { seconds: 60 });
  await page.close({ runBeforeUnload: false });
  await watch.settled();
  wire.bytesPerSecond = Infinity;
  const after = await context.newPage();
  await after.goto(address);
  await after.locator(".unfinished li button").click();
  await after.waitForURL(/\/deposit\/[^/]+(#.*)?$/);
  assert.equal(await after.locator(".unfinished li").count(), 0, "the deleted upload is still listed");
}

function writeLargeFile(path) {
  const file = openSync(path, "w");
  const sum = createHash("sha256");
  const piece = randomBytes(1_000_000);
  for (let number = 0; number < fileBytes / piece.length; number += 1) {
    piece.writeUInt32LE(number, 0);
    sum.update(piece);
    writeSync(file, piece);
  }
  closeSync(file);
  return sum.digest("hex");
}
