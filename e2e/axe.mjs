// node axe.mjs URL… : checks pages against WCAG 2.2 AA with axe in a real browser, in
// light and dark, on a desktop and on a phone. Exits 1 when a violation is serious or
// critical, 2 on wrong usage. Addresses may also come from a file (--list FILE), and a
// session may be given for signed-in pages (--cookie NAME=VALUE).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { desktop, openBrowser, phone } from "./browser.mjs";

const require = createRequire(new URL("../frontend/package.json", import.meta.url));
const source = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** The violations of one open page, as lines worth reading. */
export async function checkPage(page) {
  // Evaluating through the debugger is not bound by the page's content policy.
  await page.evaluate(source);
  const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ["violations"] }), tags);
  return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, where: nodes.map((node) => `${node.target.join(" ")}  ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`) }));
}

/** Checks every address in four dresses; returns the number of serious findings. */
export async function checkAddresses(addresses, { cookie = "", print = console.log } = {}) {
  let serious = 0;
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [desktop, phone]) {
      const { context, close } = await openBrowser({ colorScheme, viewport });
      if (cookie) {
        const [name, ...value] = cookie.split("=");
        await context.addCookies([{ name, value: value.join("="), url: new URL(addresses[0]).origin }]);
      }
      const page = await context.newPage();
      for (const address of addresses) {
        await page.goto(address, { waitUntil: "load" });
        for (const found of await checkPage(page)) {
          if (["serious", "critical"].includes(found.impact)) serious += 1;
          print(`${found.impact}: ${found.id} (${found.help}) ${address} ${colorScheme} ${viewport.width}px`);
          for (const where of found.where.slice(0, 5)) print(`    ${where}`);
        }
      }
      await close();
    }
  }
  return serious;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { list: { type: "string" }, cookie: { type: "string" } } });
  const addresses = values.list ? readFileSync(values.list, "utf8").split("\n").filter(Boolean) : positionals;
  if (addresses.length === 0) {
    console.error("usage: node axe.mjs [--cookie NAME=VALUE] URL… | --list FILE");
    process.exit(2);
  }
  const serious = await checkAddresses(addresses, { cookie: values.cookie });
  console.log(`${addresses.length} pages, ${serious} serious findings`);
  process.exit(serious > 0 ? 1 : 0);
}
