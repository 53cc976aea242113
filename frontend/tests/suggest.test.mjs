import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { partAt, placed, walk } = await load("suggest.ts");

test("in a line of parts the one with the caret is asked for, from its place on", () => {
  const text = "Kleinteich, Thomas; 0000-0002-1825-0097; Kiel U\nHaas";
  const caret = text.indexOf("\n");
  assert.equal(partAt(text, caret, 1).trim(), "Kiel U");
  assert.equal(partAt(text, text.length, 1), "", "a name is no institution");
  assert.equal(partAt(text, text.length, 0), "Haas", "but it may fund");
  assert.equal(partAt("A; 0000-00", 10, 1), "", "a number is not asked for");
  assert.equal(partAt("A; https://ro", 13, 1), "");
});

test("what is chosen stands in its place, with its id behind it, and the rest stays", () => {
  const text = "Haas, A.; kiel; investigation\nNext";
  const { value, caret } = placed(text, text.indexOf("kiel") + 4, { id: "https://ror.org/04v76ef78", label: "Kiel University", detail: "" });
  assert.equal(value, "Haas, A.; Kiel University; https://ror.org/04v76ef78; investigation\nNext");
  assert.equal(value.slice(caret), "; investigation\nNext");
  assert.equal(placed("de", 2, { id: "x", label: "DFG", detail: "" }).value, "DFG; x");
});

test("a list is walked round", () => {
  assert.deepEqual([walk(-1, 3, 1), walk(-1, 3, -1), walk(2, 3, 1), walk(0, 0, 1)], [0, 2, 0, -1]);
});
