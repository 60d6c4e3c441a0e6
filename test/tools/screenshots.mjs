/**
 * Takes the pictures of docs/screenshots from real reports: light, dark, a phone of 360 px, and paper.
 *
 *   node test/tools/screenshots.mjs pass=RUN_DIR fail=RUN_DIR invalid=RUN_DIR
 *
 * Needs Debian's Chromium.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { withPalette } from './png-palette.mjs';

const folder = join(import.meta.dirname, '../../docs/screenshots');
const looks = {
  light: { viewport: { width: 1120, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1120, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light', deviceScaleFactor: 1.5 },
};

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  mkdirSync(folder, { recursive: true });
  for (const argument of process.argv.slice(2)) {
    const [name, run] = argument.split('=');
    const url = pathToFileURL(resolve(run, 'report.html')).href;
    for (const [look, options] of Object.entries(looks)) await screen(url, `${name}-${look}`, options);
    await paper(url, `${name}-print`);
  }
} finally {
  await browser.close();
}

/** From the verdict to the percentile curve. */
async function screen(url, name, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(url);
  const end = await page.locator('h2', { hasText: 'Generator health' }).boundingBox();
  const clip = { x: 0, y: 0, width: options.viewport.width, height: Math.round(end.y - 40) };
  save(name, await page.screenshot({ fullPage: true, clip }));
  await context.close();
}

/** As it would be printed on A4 with the margins of the page's own rule, in one piece. */
async function paper(url, name) {
  const context = await browser.newContext({ viewport: { width: 696, height: 1000 }, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.goto(url);
  save(name, await page.screenshot({ fullPage: true }));
  await context.close();
}

function save(name, png) {
  const small = withPalette(png);
  const file = join(folder, `${name}.png`);
  writeFileSync(file, small);
  process.stdout.write(`${file} ${Math.round(small.length / 1024)} KB\n`);
}
