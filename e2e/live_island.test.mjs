// The live page alone, in a real browser: bars, readiness, facts, and a gentle reload.
import assert from "node:assert/strict";
import test from "node:test";
import { serveGallery } from "../frontend/gallery/serve.mjs";
import { findChromium, openBrowser } from "./browser.mjs";

const skip = findChromium() ? false : "no Chromium on this machine";

async function play(act) {
  const listeners = new Set();
  const tell = (event) => listeners.forEach((response) => response.write(`data: ${JSON.stringify(event)}\n\n`));
  const extra = (request, response) => {
    if (request.url === "/api/v1/records/demo" && request.method === "PATCH") return response.writeHead(503).end(), true;
    if (request.url !== "/events") return false;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": here\n\n");
    listeners.add(response);
    request.on("close", () => listeners.delete(response));
    return true;
  };
  const { server, url } = await serveGallery({ extra });
  const { context, close } = await openBrowser();
  const page = await context.newPage();
  try {
    // The gallery's page gets its source of events before the island looks for one.
    await page.addInitScript(() => document.addEventListener("readystatechange", () => document.body && (document.body.dataset.events = "/events")));
    await page.goto(`${url}/deposit`);
    for (let wait = 0; listeners.size === 0 && wait < 50; wait += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    await act({ page, tell, listeners });
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

test("bars, reasons and facts follow the server", { skip }, () => play(async ({ page, tell }) => {
  tell({ kind: "progress", job: "convert", done: 9, total: 10, says: "nearly" });
  tell({ kind: "readiness", register: [{ code: "licence", says: "No licence.", field: "licence" }] });
  tell({ kind: "facts", facts: { description: "Read from the header." } });
  await page.getByText("nearly").waitFor();
  assert.equal(await page.locator("[data-progress=convert] progress").evaluate((bar) => bar.value / bar.max), 0.9);
  assert.equal(await page.locator("[data-readiness=register] a").getAttribute("href"), "#licence");
  assert.equal(await page.locator("[data-readiness-count=register]").textContent(), "1");
  assert.equal(await page.inputValue("#about"), "Read from the header.");
  assert.equal(await page.locator("[data-readiness-button]").getAttribute("aria-disabled"), "true");
  tell({ kind: "readiness", register: [] });
  await page.getByText("Ready to register.").waitFor();
  assert.equal(await page.locator("[data-readiness-button]").getAttribute("aria-disabled"), null);
}));

test("an event that nobody understands breaks nothing", { skip }, () => play(async ({ page, tell, listeners }) => {
  listeners.forEach((response) => response.write("data: {not json\n\n"));
  tell({ kind: "something-new" });
  tell({ kind: "progress", job: "convert", done: 1, total: 2, says: "still alive" });
  await page.getByText("still alive").waitFor();
}));

test("a page that nobody types in reloads; one that is being typed in only offers it", { skip }, () => play(async ({ page, tell }) => {
  await page.fill("#title", "half a sen");
  tell({ kind: "reload" });
  await page.getByRole("button", { name: "Show what is new" }).waitFor();
  assert.equal(await page.inputValue("#title"), "half a sen");
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Show what is new" }).click()]);
  await page.waitForTimeout(500);
  await Promise.all([page.waitForEvent("load"), Promise.resolve(tell({ kind: "reload" }))]);
}));
