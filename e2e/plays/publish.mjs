// A publication with a pasted DOI: nothing is visible before "Publish"; afterwards pasting the DOI
// into the search finds it first, however it is written.
import assert from "node:assert/strict";
import { Hands, play, until } from "../play.mjs";

const doi = `10.5555/Play.${Date.now().toString(36)}`;
const title = "Caecilian jaw-closing mechanics: integrating two muscle systems";

await play("publish", async (stage) => {
  const author = await stage.person("Thomas Kleinteich");
  const anyone = await stage.visitor();
  const hands = new Hands();
  await author.goto("/");
  await author.locator('#upload a.kind[href="/deposit?kind=publication"]').click();
  assert.ok(await author.locator('input[value="publication"]').isChecked(), "the kind chosen on the front page is not chosen here");
  await author.locator("main form button.button-primary").click();
  await author.waitForURL(/\/deposit\/[^/]+$/);
  const id = new URL(author.url()).pathname.split("/").at(-1);

  await hands.type(author.locator("#title"), title);
  await hands.type(author.locator("#creators"), "Kleinteich, Thomas");
  await hands.press(author, "Enter");
  await author.locator("#creators").pressSequentially("Haas, Alexander");
  await hands.type(author.locator("#year"), "2008");
  await hands.paste(author.locator("#article_doi"), `https://doi.org/${doi}`);
  const button = author.locator("[data-readiness-button=register]");
  await until("nothing stands before publishing any more", async () => (await button.getAttribute("aria-disabled")) === null && /^Saved/.test((await author.locator("[data-saved]").textContent()).trim()));
  await stage.shot(author, "filled");

  await invisible(anyone, id);
  await button.click();
  await author.waitForURL("**/publish");
  await stage.shot(author, "ask");
  await author.locator("main form button.button-primary").click();
  await author.waitForURL(`**/records/${id}`);
  assert.ok((await author.locator(".badge-published").count()) > 0, "after publishing the page does not say published");

  const answer = await anyone.goto(`/records/${id}`);
  assert.equal(answer.status(), 200, "the published text is not public");
  assert.equal(await anyone.locator("h1").textContent(), title);
  assert.equal((await anyone.locator(".entry-doi a").first().textContent()).trim().toLowerCase(), doi.toLowerCase(), "the publisher's DOI must be the one to cite");
  assert.match(await anyone.locator("#cite-text").textContent(), /Kleinteich.*Haas.*2008/s);
  await stage.shot(anyone, "published");
  for (const written of [doi, `https://doi.org/${doi}`, `doi:${doi.toLowerCase()}`, title]) await foundFirst(anyone, written, id);
  await stage.shot(anyone, "found");
  stage.say(`published and found by ${doi}`);
});

/** A draft is nothing to anyone: not by its address, not by its DOI, not by its title. */
async function invisible(page, id) {
  const answer = await page.goto(`/records/${id}`);
  assert.equal(answer.status(), 404, "a draft is visible to anyone");
  assert.equal((await page.context().request.get(`/doi/${doi}`, { maxRedirects: 0 })).status(), 404, "the DOI of a draft leads somewhere");
  for (const words of [doi, title]) {
    await page.goto("/");
    await page.fill("#q", words);
    await page.press("#q", "Enter");
    await page.waitForURL("**/search?*");
    assert.ok(!(await page.content()).includes(`/records/${id}`), `the search finds the draft by “${words}”`);
  }
}

async function foundFirst(page, written, id) {
  await until(`the search finds it first by “${written}”`, async () => {
    await page.goto("/about");
    await page.fill("#header-q", written);
    await page.press("#header-q", "Enter");
    await page.waitForURL("**/search?*");
    return (await page.locator(".result-title a").first().getAttribute("href", { timeout: 1000 })) === `/records/${id}`;
  }, { seconds: 20, everyMilliseconds: 500 });
}
