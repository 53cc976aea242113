// What every play needs: a browser, people with contexts of their own, a scratch folder, hands
// that count what they do, and a clear word when something is not as it should be.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { desktop, findChromium, launchBrowser } from "./browser.mjs";

const shots = process.env.SCIENCE3D_SHOTS;

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Waits until `ask` gives something true, and returns that; otherwise says what was waited for. */
export async function until(what, ask, { seconds = 30, everyMilliseconds = 250 } = {}) {
  const end = Date.now() + seconds * 1000;
  let last;
  do {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMilliseconds));
  } while (Date.now() < end);
  throw new Error(`waited ${seconds} s in vain: ${what}${last instanceof Error ? ` (${last.message.split("\n")[0]})` : ""}`);
}

/** A pair of hands: what they type, press and click is counted. */
export class Hands {
  keyPresses = 0;
  clicks = 0;

  async type(field, text) {
    this.clicks += 1;
    this.keyPresses += [...text].length;
    await field.click();
    await field.pressSequentially(text);
  }

  /** In place of what stands there: one chord takes hold of it. */
  async replace(field, text) {
    this.clicks += 1;
    this.keyPresses += 1 + [...text].length;
    await field.click();
    await field.press("ControlOrMeta+A");
    await field.pressSequentially(text);
  }

  /** From the clipboard: two keys, however long. */
  async paste(field, text) {
    this.clicks += 1;
    this.keyPresses += 2;
    await field.click();
    await field.page().keyboard.insertText(text);
  }

  async press(page, key) {
    this.keyPresses += 1;
    await page.keyboard.press(key);
  }

  async click(target) {
    this.clicks += 1;
    await target.click();
  }

  /** One click opens the list, one chooses. */
  async choose(field, value) {
    this.clicks += 2;
    await field.selectOption(value);
  }
}

class Stage {
  url = process.env.SCIENCE3D_URL.replace(/\/$/, "");
  scratch = mkdtempSync(join(tmpdir(), "science3d-play-"));
  pageErrors = [];
  contexts = [];

  constructor(name, browser) {
    this.name = name;
    this.browser = browser;
  }

  /** Someone with a browser of their own who is not signed in. */
  async visitor(options = {}) {
    const context = await this.browser.newContext({ baseURL: this.url, viewport: desktop, locale: "en-GB", acceptDownloads: true, ...options });
    context.on("page", (page) => page.on("pageerror", (error) => this.pageErrors.push(`${page.url()}: ${error}`)));
    this.contexts.push(context);
    return context.newPage();
  }

  /** Someone who makes an account by the form. Works without script too. */
  async person(name, options = {}) {
    const page = await this.visitor(options);
    await page.goto("/sign-up");
    if ((await page.locator("#password").count()) === 0) throw new Error("this server lets nobody make an account; start it with the embedded defaults");
    await page.fill("#name", name);
    await page.fill("#email", `${name.toLowerCase().replace(/[^a-z]+/g, ".")}.${this.name}.${Date.now()}@example.org`);
    await page.fill("#password", "a sentence that nobody guesses");
    await Promise.all([page.waitForURL((url) => url.pathname === "/account"), page.click(".login-card button")]);
    return page;
  }

  /** The administrator's one-time link; where it is not given, an account like everyone's. */
  async signInByLink(page, hands) {
    const link = process.env.SCIENCE3D_SIGN_IN;
    if (!link) throw new Error("SCIENCE3D_SIGN_IN must be the one-time link that the server printed");
    await page.goto(new URL(link).pathname);
    await hands.click(page.locator("main form button"));
    await page.waitForLoadState("load");
    if (new URL(page.url()).pathname !== "/account/profile") throw new Error(`the one-time link signs nobody in (${await page.locator("h1").first().textContent()}): it works once, start a fresh server`);
  }

  async shot(page, name, options = {}) {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${this.name}-${name}.png`), fullPage: true, ...options });
  }

  say(words) {
    console.log(`  ${words}`);
  }

  async end(failed) {
    if (failed) {
      const pages = this.contexts.flatMap((context) => context.pages()).filter((page) => !page.isClosed());
      for (const [number, page] of pages.entries()) {
        console.error(`  page ${number + 1} stood at ${page.url()}`);
        await this.shot(page, `failed-${number + 1}`).catch(() => {});
      }
    }
    await this.browser.close().catch(() => {});
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

/** Runs one play; the process ends with 1 when it fails. */
export async function play(name, act) {
  if (!process.env.SCIENCE3D_URL) {
    console.error("SCIENCE3D_URL must name a running server; scripts/plays.sh PROGRAM starts one");
    process.exit(2);
  }
  if (!findChromium()) {
    console.log(`skipped: ${name}, because no chromium is installed`);
    return;
  }
  const stage = new Stage(name, await launchBrowser());
  let failed = false;
  try {
    await act(stage);
    if (stage.pageErrors.length > 0) throw new Error(`scripts failed on these pages:\n${stage.pageErrors.join("\n")}`);
  } catch (error) {
    failed = true;
    console.error(`  ${name}: ${error.stack ?? error}`);
  }
  await stage.end(failed);
  process.exitCode = failed ? 1 : 0;
}
