// A publication out of its DOI: one required input, one click, looked through, published; half a minute at most.
// A stand-in for Crossref answers on the port that the server was told.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Hands, play } from "../play.mjs";

const doi = "10.5555/play.by.doi";
const title = "Caecilian jaw-closing mechanics: integrating two muscle systems";
const work = {
  DOI: doi,
  title: ["Caecilian jaw-closing mechanics: <i>integrating</i> two muscle systems"],
  author: [{ given: "Thomas", family: "Kleinteich" }, { given: "Alexander", family: "Haas" }],
  "container-title": ["Journal of The Royal Society Interface"],
  volume: "5",
  page: "1491-1504",
  published: { "date-parts": [[2008, 12, 6]] },
};
let asked = 0;
const crossref = createServer((request, response) => {
  asked += 1;
  const known = decodeURIComponent(request.url) === `/works/${doi}`;
  response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
  response.end(known ? JSON.stringify({ status: "ok", message: work }) : "Resource not found.");
});
await new Promise((resolve) => crossref.listen(Number(process.env.SCIENCE3D_CROSSREF_PORT), "127.0.0.1", resolve));

try {
  await play("by_doi", async (stage) => {
    const author = await stage.person("Thomas Kleinteich");
    const anyone = await stage.visitor();
    const hands = new Hands();
    await author.goto("/deposit");
    const began = Date.now();
    const required = await author.locator('form[action="/deposit/doi"] input:visible[required]').count();
    assert.equal(required, 1, "more than one input is required");
    await stage.shot(author, "ask");
    await hands.paste(author.locator("#doi"), `https://doi.org/${doi}`);
    await hands.click(author.locator('form[action="/deposit/doi"] button'));
    await author.waitForURL(/\/deposit\/[^/]+$/);
    const id = new URL(author.url()).pathname.split("/").at(-1);
    assert.equal(await author.locator("#title").inputValue(), title);
    assert.match(await author.locator("#creators").inputValue(), /Kleinteich, Thomas\nHaas, Alexander/);
    assert.equal((await anyone.goto(`/records/${id}`)).status(), 404, "it is visible before it is published");
    await stage.shot(author, "filled");
    await hands.click(author.locator("[data-readiness-button=register]"));
    await author.waitForURL("**/publish");
    await hands.click(author.locator("main form button.button-primary"));
    await author.waitForURL(`**/records/${id}`);
    const seconds = (Date.now() - began) / 1000;
    assert.ok(seconds <= 30, `it took ${seconds} s`);
    assert.equal((await anyone.goto(`/records/${id}`)).status(), 200);
    const before = asked;
    await anyone.reload();
    assert.equal(asked, before, "somebody is asked when a visitor merely reads");
    await stage.shot(anyone, "published");
    stage.say(`published from a DOI in ${seconds.toFixed(1)} s, ${required} required input, ${hands.clicks} clicks`);

    await author.goto("/deposit/doi");
    await author.fill("#doi", "10.5555/nobody.knows");
    await author.locator("main form button.button-primary").click();
    assert.match(await author.locator(".error-summary").textContent(), /Neither Crossref nor DataCite knows/);
    await stage.shot(author, "unknown");
  });
} finally {
  crossref.close();
}
