// Takes a multi-page TIFF apart into files of one page each, and writes slices of its own where no
// measured file is at hand. Knows what uncompressed classic TIFF needs, and nothing more.

const tagName = { width: 256, height: 257, bits: 258, compression: 259, meaning: 262, offsets: 273, samples: 277, rowsPerStrip: 278, counts: 279 };
const sizeOfType = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8 };

function readerOf(bytes) {
  const mark = bytes.toString("latin1", 0, 2);
  if (mark !== "MM" && mark !== "II") throw new Error("this is no TIFF");
  const big = mark === "MM";
  const u16 = (at) => (big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const u32 = (at) => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  if (u16(2) !== 42) throw new Error("this is no classic TIFF");
  return { big, u16, u32 };
}

/** The pages as `{ mark, tags: Map(tag → numbers), pixels }`. */
function* pagesOf(bytes) {
  const { big, u16, u32 } = readerOf(bytes);
  for (let place = u32(4); place !== 0; ) {
    const count = u16(place);
    const tags = new Map();
    for (let number = 0; number < count; number += 1) {
      const entry = place + 2 + 12 * number;
      const [tag, type, length] = [u16(entry), u16(entry + 2), u32(entry + 4)];
      const whole = (sizeOfType[type] ?? 1) * length;
      const at = whole <= 4 ? entry + 8 : u32(entry + 8);
      if (type === 3) tags.set(tag, Array.from({ length }, (_, one) => u16(at + 2 * one)));
      if (type === 4) tags.set(tag, Array.from({ length }, (_, one) => u32(at + 4 * one)));
    }
    if (tags.get(tagName.compression)?.[0] !== 1) throw new Error("only uncompressed pages can be taken apart");
    const strips = tags.get(tagName.offsets).map((at, one) => bytes.subarray(at, at + tags.get(tagName.counts)[one]));
    yield { big, tags, pixels: Buffer.concat(strips) };
    place = u32(place + 2 + 12 * count);
  }
}

/** One page as a TIFF of its own, its pixels untouched. */
export function onePage({ big, width, height, bits, pixels }) {
  const entries = [
    [tagName.width, width],
    [tagName.height, height],
    [tagName.bits, bits],
    [tagName.compression, 1],
    [tagName.meaning, 1],
    [tagName.offsets, 0],
    [tagName.samples, 1],
    [tagName.rowsPerStrip, height],
    [tagName.counts, pixels.length],
  ];
  const head = Buffer.alloc(8 + 2 + 12 * entries.length + 4);
  const u16 = (value, at) => (big ? head.writeUInt16BE(value, at) : head.writeUInt16LE(value, at));
  const u32 = (value, at) => (big ? head.writeUInt32BE(value, at) : head.writeUInt32LE(value, at));
  head.write(big ? "MM" : "II", 0, "latin1");
  u16(42, 2);
  u32(8, 4);
  u16(entries.length, 8);
  for (const [number, [tag, value]] of entries.entries()) {
    const at = 10 + 12 * number;
    const isShort = [tagName.bits, tagName.compression, tagName.meaning, tagName.samples].includes(tag);
    u16(tag, at);
    u16(isShort ? 3 : 4, at + 2);
    u32(1, at + 4);
    if (isShort) u16(value, at + 8);
    else u32(tag === tagName.offsets ? head.length : value, at + 8);
  }
  return Buffer.concat([head, pixels]);
}

/** Every page of a multi-page TIFF as a file. */
export function takeApart(bytes) {
  return [...pagesOf(bytes)].map(({ big, tags, pixels }) => {
    const one = (tag) => tags.get(tag)[0];
    return onePage({ big, width: one(tagName.width), height: one(tagName.height), bits: one(tagName.bits), pixels });
  });
}

/** A hollow sphere in 16 bits, as slices: for machines without measured files. */
export function ownSlices(edge = 64) {
  const distance = (z, y, x) => Math.hypot(z - edge / 2, y - edge / 2, x - edge / 2) / (edge / 2);
  return Array.from({ length: edge }, (_, z) => {
    const pixels = Buffer.alloc(edge * edge * 2);
    for (let y = 0; y < edge; y += 1) {
      for (let x = 0; x < edge; x += 1) {
        const far = distance(z, y, x);
        const value = far < 0.85 && far > 0.6 ? 40_000 : 3_000;
        pixels.writeUInt16LE(value + ((x * 7 + y * 13 + z * 29) % 500), 2 * (y * edge + x));
      }
    }
    return onePage({ big: false, width: edge, height: edge, bits: 16, pixels });
  });
}
