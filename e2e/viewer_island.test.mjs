// The viewer alone, in a real browser: pictures first, then the volume; a link keeps the view.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { serveGallery } from "../frontend/gallery/serve.mjs";
import { findChromium, openBrowser } from "./browser.mjs";
import { writeSmallVolume } from "./small_volume.mjs";

const skip = findChromium() ? false : "no Chromium on this machine";
const folder = mkdtempSync(join(tmpdir(), "science3d-viewer-"));
writeSmallVolume(join(folder, "ball.ome.zarr"));
const address = "/viewer?volume=ball&shape=64,64,64&voxel=2,2,2&window=20,220&range=0,255";
// Software draws every pixel of the volume: fewer pixels, a quicker play.
const smallWindow = { viewport: { width: 760, height: 520 } };
const viewOf = (page) => JSON.parse(decodeURIComponent(new URL(page.url()).hash.slice(2)));

async function play(act, options) {
  const { server, url } = await serveGallery({ volumes: folder });
  const { context, close } = await openBrowser(options);
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  try {
    await act({ page, url });
    assert.deepEqual(said, []);
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

/** How bright a part of the picture is, between 0 and 255; fractions of the stage. */
async function brightness(page, left, top, width, height) {
  const box = await page.locator(".viewer-stage").boundingBox();
  const shot = await page.screenshot({ clip: { x: box.x + box.width * left, y: box.y + box.height * top, width: box.width * width, height: box.height * height } });
  return page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let total = 0;
    for (let at = 0; at < data.length; at += 4) total += data[at];
    return (total * 4) / data.length;
  }, shot.toString("base64"));
}

const ready = (page) => page.waitForSelector("#viewer[data-ready=true]", { timeout: 90_000 });

test("pictures stand there until slices and volume are on the screen", { skip }, () => play(async ({ page, url }) => {
  await page.goto(url + address);
  assert.equal(await page.locator(".viewer-placeholder img").count(), 3);
  await ready(page);
  assert.equal(await page.locator(".viewer-placeholder").count(), 0);
  await page.waitForTimeout(3000);
  for (const [name, left, top] of [["xy", 0.15, 0.1], ["xz", 0.65, 0.1], ["volume", 0.15, 0.6], ["yz", 0.65, 0.6]]) {
    const light = await brightness(page, left, top, 0.2, 0.3);
    assert.ok(light > 25, `${name} is dark: ${light}`);
  }
}, { bypassCSP: true }));

test("tools change the view, and the link brings it back", { skip }, () => play(async ({ page, url }) => {
  await page.goto(url + address);
  await ready(page);
  await page.getByRole("button", { name: "Volume", exact: true }).click();
  await page.locator(".viewer-tools-window input").first().fill("90");
  await page.waitForFunction(() => /3d/.test(location.hash) && /90/.test(location.hash));
  const view = viewOf(page);
  assert.equal(view.layout, "3d");
  assert.deepEqual(view.window, [90, 220]);
  assert.equal(view.source ?? view.layers, undefined);
  const link = page.url();
  await page.goto("about:blank");
  await page.goto(link);
  await ready(page);
  assert.equal(await page.getByRole("button", { name: "Volume", exact: true }).getAttribute("aria-pressed"), "true");
  assert.equal(await page.locator(".viewer-tools-window output").first().textContent(), "90");
  await page.getByRole("button", { name: "Reset" }).click();
  await page.waitForFunction(() => /4panel/.test(location.hash));
  assert.deepEqual(viewOf(page).window, [20, 220]);
}, smallWindow));

test("keys are explained, and the explanation can be closed by keyboard", { skip }, () => play(async ({ page, url }) => {
  await page.goto(url + address);
  await ready(page);
  await page.getByRole("button", { name: "Keys" }).press("Enter");
  await page.locator("dialog[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" }).catch(() => {});
  assert.equal(await page.locator("dialog[open]").count(), 0);
}, smallWindow));

test("without script the pictures stay", { skip }, () => play(async ({ page, url }) => {
  await page.goto(url + address);
  assert.equal(await page.locator(".viewer-placeholder img").count(), 3);
  assert.match(await page.locator("#viewer").textContent(), /needs JavaScript/);
}, { javaScriptEnabled: false }));

test.after(() => rmSync(folder, { recursive: true, force: true }));
