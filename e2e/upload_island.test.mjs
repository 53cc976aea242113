// The upload island alone, in a real browser, against a stand-in that can lose its network.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { serveGallery } from "../frontend/gallery/serve.mjs";
import { findChromium, openBrowser } from "./browser.mjs";
import { TusStandIn } from "./tus_stand_in.mjs";

const skip = findChromium() ? false : "no Chromium on this machine";
const folder = mkdtempSync(join(tmpdir(), "science3d-upload-"));
const scan = join(folder, "scän 3");
const bytes = new Map();
const put = (path, content) => {
  bytes.set(`scän 3/${path}`, content);
  mkdirSync(join(scan, path, ".."), { recursive: true });
  writeFileSync(join(scan, path), content);
};
for (let at = 0; at < 120; at += 1) put(`slices/slice_${String(at).padStart(4, "0")}.tif`, randomBytes(20_000));
put("big/volume.raw", randomBytes(24_000_000));
put("empty.txt", Buffer.alloc(0));
put("✓ notes.txt", Buffer.from("done"));
const sum = (content) => createHash("sha256").update(content).digest("hex");

async function play(act) {
  const standIn = new TusStandIn();
  const { server, url } = await serveGallery({ extra: (request, response) => standIn.handle(request, response) });
  const { context, close } = await openBrowser();
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  try {
    await page.goto(`${url}/deposit`);
    await act({ page, standIn, url });
    assert.deepEqual(errors, []);
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

const choose = (page) => page.setInputFiles("input[data-choose=folder]", scan);
const headline = (page) => page.locator(".upload-headline p");
const finished = (page) => page.waitForFunction(() => !("uploading" in document.documentElement.dataset) && /arrive/i.test(document.querySelector(".upload-headline p")?.textContent ?? ""), null, { timeout: 60_000 });
const allArrived = (standIn) => {
  assert.deepEqual([...standIn.files.keys()].sort(), [...bytes.keys()].sort());
  for (const [path, content] of bytes) assert.equal(standIn.files.get(path).sha256, sum(content), path);
};

test("a folder arrives with its tree, names and bytes", { skip }, () => play(async ({ page, standIn }) => {
  await choose(page);
  await finished(page);
  allArrived(standIn);
  assert.equal(await headline(page).textContent(), "123 files arrived");
  assert.equal(standIn.bytesReceived, [...bytes.values()].reduce((total, one) => total + one.length, 0));
  assert.ok((await page.locator(".upload-line").count()) < 30, "the list holds only what one sees");
}));

test("small files travel with their creation where the server takes that, large ones do not", { skip }, () => play(async ({ page, standIn }) => {
  standIn.takesDataWithCreation = true;
  await choose(page);
  await finished(page);
  allArrived(standIn);
  assert.equal(standIn.creations, 123);
  assert.equal(standIn.createdWithData, 122, "all but the large one");
}));

test("a lost network costs time only, and is said", { skip }, () => play(async ({ page, standIn }) => {
  standIn.onBytes = (received) => {
    if (received > 8_000_000 && !standIn.hasBeenDown) {
      standIn.hasBeenDown = true;
      standIn.down = true;
      setTimeout(() => (standIn.down = false), 3000);
    }
  };
  await page.evaluate(() => (document.querySelector("[data-upload]").dataset.chunkBytes = "1000000"));
  await choose(page);
  await page.locator(".upload-waiting:not([hidden])").waitFor();
  await finished(page);
  allArrived(standIn);
}));

test("a pause keeps what arrived, and continuing sends only the rest", { skip }, () => play(async ({ page, standIn }) => {
  await page.evaluate(() => (document.querySelector("[data-upload]").dataset.chunkBytes = "1000000"));
  await page.route("**/api/v1/uploads/*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await route.continue().catch(() => {});
  });
  standIn.down = true;
  await choose(page);
  await page.getByText("Waiting for the network").first().waitFor();
  standIn.down = false;
  const some = new Promise((resolve) => (standIn.onBytes = (received) => received > 1_000_000 && resolve()));
  await some;
  await page.getByRole("button", { name: "Pause" }).click();
  await page.waitForFunction(() => document.querySelector(".upload-headline p").textContent === "Paused");
  await page.waitForTimeout(300);
  const paused = standIn.bytesReceived;
  await page.waitForTimeout(500);
  assert.equal(standIn.bytesReceived, paused);
  await page.getByRole("button", { name: "Continue" }).click();
  await finished(page);
  allArrived(standIn);
}));

test("after a closed tab the same folder goes on where it was", { skip }, () => play(async ({ page, standIn, url }) => {
  const half = new Promise((resolve) => (standIn.onBytes = (received) => received > 5_000_000 && resolve()));
  await page.route("**/api/v1/uploads/*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    await route.continue().catch(() => {});
  });
  await choose(page);
  await half;
  const second = await page.context().newPage();
  await page.close({ runBeforeUnload: false });
  const before = { files: standIn.files.size, bytes: standIn.bytesReceived };
  await second.goto(`${url}/deposit`);
  await choose(second);
  await second.locator("dialog[open]").waitFor({ timeout: 10_000 }).then(() => second.locator("dialog button[value=keep]").click()).catch(() => assert.equal(before.files, 0));
  await finished(second);
  allArrived(standIn);
  const total = [...bytes.values()].reduce((sum, one) => sum + one.length, 0);
  assert.ok(standIn.bytesReceived <= total + 3 * 1_000_000, `only ${standIn.bytesReceived - total} bytes were sent twice`);
}));

test("files that exist are asked about: keep sends nothing, replace sends all, escape nothing", { skip }, () => play(async ({ page, standIn }) => {
  await choose(page);
  await finished(page);
  const sent = standIn.bytesReceived;
  await choose(page);
  await page.locator("dialog[open]").waitFor();
  assert.equal(await page.locator("dialog h2").textContent(), "123 of these files are already there");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await choose(page);
  await page.locator("dialog button[value=keep]").click();
  await finished(page);
  assert.equal(standIn.bytesReceived, sent);
  await choose(page);
  await page.locator("dialog button[value=replace]").click();
  await page.waitForFunction(() => document.documentElement.dataset.uploading === "true");
  await finished(page);
  assert.equal(standIn.bytesReceived, 2 * sent);
  assert.ok([...standIn.files.values()].every(({ replaced }) => replaced));
}));

test("a refused file says why, the others arrive, and it can be tried again", { skip }, () => play(async ({ page, standIn }) => {
  const bad = join(folder, "forbidden.txt");
  writeFileSync(bad, "x");
  await page.setInputFiles("input[data-choose=files]", [bad, join(scan, "✓ notes.txt")]);
  await finished(page);
  assert.equal(await headline(page).textContent(), "Arrived: 1. Did not arrive: 1.");
  assert.match(await page.locator(".upload-line-failed").textContent(), /This name is not allowed\. Rename it\./);
  assert.ok(standIn.files.has("✓ notes.txt"));
  await page.getByRole("button", { name: "Try the failed ones again" }).waitFor();
}));

test("a hundred thousand files do not stop the page", { skip }, () => play(async ({ page, standIn }) => {
  await page.evaluate(() => {
    const transfer = { files: Array.from({ length: 100_000 }, (_, at) => new File(["x"], `f${at}`)) };
    const input = document.querySelector("input[data-choose=files]");
    Object.defineProperty(input, "files", { value: transfer.files, configurable: true });
    input.dispatchEvent(new Event("change"));
  });
  await page.waitForFunction(() => /Sending/.test(document.querySelector(".upload-headline p")?.textContent ?? ""), null, { timeout: 60_000 });
  const slowest = await page.evaluate(async () => {
    let worst = 0;
    for (let frame = 0, last = performance.now(); frame < 60; frame += 1) {
      await new Promise(requestAnimationFrame);
      worst = Math.max(worst, performance.now() - last);
      last = performance.now();
    }
    return worst;
  });
  assert.equal(standIn.checks.length, 100);
  assert.ok(slowest < 1000, `a frame took ${slowest} ms`);
  assert.ok((await page.locator(".upload-line").count()) < 30);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.waitForFunction(() => document.querySelector(".upload-headline p")?.textContent === "Paused");
}));

test("the draft saves itself, and a fact never overwrites what was typed", { skip }, () => play(async ({ page, standIn }) => {
  await page.evaluate(() => document.querySelector("[data-saved]").replaceChildren());
  await page.fill("#title", "A shell");
  await page.waitForFunction(() => /Saved/.test(document.querySelector("[data-saved]").textContent));
  assert.deepEqual(standIn.patches, [{ title: "A shell" }]);
  await page.evaluate(() => document.dispatchEvent(new CustomEvent("science3d:facts", { detail: { title: "from file", description: "Read.", voxel_size_um: [4, 2, 2] } })));
  assert.equal(await page.inputValue("#title"), "A shell");
  assert.equal(await page.inputValue("#voxel"), "4, 2, 2");
  assert.equal(await page.inputValue("#about"), "Read.");
  assert.equal(await page.locator("label[for=about] .from-file").count(), 1);
  await page.fill("#about", "Typed.");
  assert.equal(await page.locator("label[for=about] .from-file").count(), 0);
}));

test.after(() => rmSync(folder, { recursive: true, force: true }));
