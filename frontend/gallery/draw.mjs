// Draws stand-in pictures for the gallery, so that it needs no data: small solids made
// of trigonometric surfaces, ray-marched in grey on black like a real volume rendering.
import * as zlib from "node:zlib";

const solids = {
  foam: (x, y, z) => Math.max(Math.hypot(x, y, z) - 1, (Math.abs(gyroid(x * 7, y * 7, z * 7)) - 0.35) / 12),
  bone: (x, y, z) => Math.max(Math.hypot(x, y * 0.8, z) - 0.95, (gyroid(x * 5 + Math.sin(y * 3), y * 4, z * 6) - 0.2) / 10),
  shell: (x, y, z) => {
    const angle = Math.atan2(y, x);
    const radius = Math.hypot(x, y);
    let nearest = 1;
    for (let turn = -1; turn < 3; turn += 1) {
      const t = angle + Math.PI * 2 * turn;
      const r = 0.13 * Math.exp(0.16 * (t + 4));
      nearest = Math.min(nearest, Math.abs(Math.hypot(radius - r, z) - r * 0.42) - 0.02);
    }
    return nearest * 0.6;
  },
  fibre: (x, y, z) => {
    const cell = (value) => value - Math.round(value / 0.22) * 0.22;
    return Math.max(Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) - 0.75, Math.hypot(cell(x + 0.05 * Math.sin(z * 4)), cell(y + 0.05 * Math.cos(z * 3))) - 0.07);
  },
  sand: (x, y, z) => Math.max(Math.hypot(x, z) - 0.8, Math.abs(y) - 0.9, (Math.sin(x * 9) * Math.sin(y * 8 + x) * Math.sin(z * 9 + y) - 0.1) / 10),
  seed: (x, y, z) => Math.max(Math.min(Math.abs(Math.hypot(x, y * 0.7, z) - 0.85) - 0.05, Math.hypot(x, y * 0.55 - 0.05, z * 1.6) - 0.4), z - 0.15 - 0.1 * x),
};

function gyroid(x, y, z) {
  return Math.sin(x) * Math.cos(y) + Math.sin(y) * Math.cos(z) + Math.sin(z) * Math.cos(x);
}

function shade(solid, u, v, spin) {
  const [sine, cosine] = [Math.sin(spin), Math.cos(spin)];
  const at = (depth) => {
    const [y, z] = [v * 0.92 - depth * 0.38, v * 0.38 + depth * 0.92];
    return solid(u * cosine - z * sine, y, u * sine + z * cosine);
  };
  for (let depth = -1.7; depth < 1.7; ) {
    const distance = at(depth);
    if (distance < 0.004) {
      const slope = (at(depth + 0.01) - distance) / 0.01;
      return Math.min(1, Math.max(0.06, -slope) * (0.95 - depth * 0.35));
    }
    depth += Math.max(0.006, distance * 0.7);
  }
  return 0;
}

/** A PNG of the named solid, rendered whole or cut through the middle. */
export function draw(name, { width = 480, height = 360, slice = false, spin = 0.6 } = {}) {
  const solid = solids[name] ?? solids.foam;
  const rows = Buffer.alloc((width + 1) * height);
  const scale = 2.3 / Math.min(width, height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const u = (column - width / 2) * scale;
      const v = (row - height / 2) * scale;
      const noise = ((Math.sin(column * 12.9898 + row * 78.233) * 43758.5453) % 1) * 0.05;
      const light = slice ? 0.12 + 0.6 / (1 + Math.exp(solid(u, v, 0.05) * 90)) + noise : Math.pow(shade(solid, u, v, spin), 0.8);
      rows[row * (width + 1) + 1 + column] = Math.max(0, Math.min(255, light * 255));
    }
  }
  return encode(width, height, rows);
}

function encode(width, height, rows) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), part("IHDR", head), part("IDAT", zlib.deflateSync(rows)), part("IEND", Buffer.alloc(0))]);
}

function part(kind, body) {
  const named = Buffer.concat([Buffer.from(kind), body]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(body.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(zlib.crc32 ? zlib.crc32(named) : checksum(named), named.length + 4);
  return framed;
}

/** Older versions of node have no zlib.crc32. */
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
