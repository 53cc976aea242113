// Starts the system's Chromium for plays, with software WebGL2, a throw-away profile
// and nothing that speaks to the network by itself.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(new URL("../frontend/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const places = [process.env.SCIENCE3D_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser's program, or undefined when this machine has none (a play then says so and is skipped). */
export function findChromium() {
  return places.find((place) => place && existsSync(place));
}

const args = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Starts a browser in which several people can have a context of their own. */
export async function launchBrowser() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("no Chromium found: apt-get install chromium, or set SCIENCE3D_CHROMIUM");
  return chromium.launch({ executablePath, headless: true, args });
}

/** Opens a browser context; `close()` also removes its profile. Options go to playwright. */
export async function openBrowser(options = {}) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("no Chromium found: apt-get install chromium, or set SCIENCE3D_CHROMIUM");
  const profile = mkdtempSync(join(tmpdir(), "science3d-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    args,
    ...options,
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { context, close };
}

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };
