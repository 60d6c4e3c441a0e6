/**
 * A screenshot with at most 256 colours: what a page of flat colours and grey-edged text needs, in a third of the bytes.
 * Reads what Chromium writes (8 bits, RGB or RGBA, not interlaced), writes an indexed PNG.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function withPalette(png) {
  const image = decoded(png);
  return encoded(image, paletteOf(image));
}

function decoded(png) {
  const parts = [];
  let width = 0;
  let height = 0;
  let channels = 0;
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    const kind = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      channels = body[9] === 6 ? 4 : 3;
    }
    if (kind === 'IDAT') parts.push(body);
    at += length + 12;
  }
  return { width, height, channels, pixels: unfiltered(inflateSync(Buffer.concat(parts)), width * channels, channels) };
}

/** PNG 1.2, section 6: each byte was stored as its difference from its left, upper or predicted neighbour. */
function unfiltered(rows, stride, channels) {
  const height = rows.length / (stride + 1);
  const pixels = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= channels ? pixels[at - channels] : 0;
      const up = y > 0 ? pixels[at - stride] : 0;
      const corner = x >= channels && y > 0 ? pixels[at - stride - channels] : 0;
      pixels[at] = rows[y * (stride + 1) + 1 + x] + predicted(filter, left, up, corner);
    }
  }
  return pixels;
}

function predicted(filter, left, up, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const guess = left + up - corner;
  const distances = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return [left, up, corner][distances.indexOf(Math.min(...distances))];
}

/** The 256 most frequent colours, and for every other one the nearest of them. */
function paletteOf({ pixels, channels }) {
  const counts = new Map();
  for (let at = 0; at < pixels.length; at += channels) {
    const color = colorAt(pixels, at);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const all = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  const colors = all.slice(0, 256);
  return { colors, indexOf: new Map(all.map((color, i) => [color, i < 256 ? i : nearest(color, colors)])) };
}

function nearest(color, colors) {
  const [r, g, b] = channelsOf(color);
  let best = 0;
  let least = Infinity;
  for (const [i, other] of colors.entries()) {
    const [r2, g2, b2] = channelsOf(other);
    const distance = (r - r2) ** 2 + (g - g2) ** 2 + (b - b2) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

function colorAt(pixels, at) {
  return (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
}

function channelsOf(color) {
  return [color >> 16, (color >> 8) & 0xff, color & 0xff];
}

function encoded({ width, height, channels, pixels }, { colors, indexOf }) {
  const rows = Buffer.alloc(height * (width + 1));
  for (let i = 0; i < width * height; i++) {
    rows[i + Math.floor(i / width) + 1] = indexOf.get(colorAt(pixels, i * channels));
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const chunks = [
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(colors.flatMap(channelsOf))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([signature, ...chunks]);
}

function chunk(kind, body) {
  const framed = Buffer.alloc(body.length + 12);
  framed.writeUInt32BE(body.length, 0);
  framed.write(kind, 4, 'latin1');
  body.copy(framed, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, body.length + 8)), body.length + 8);
  return framed;
}
