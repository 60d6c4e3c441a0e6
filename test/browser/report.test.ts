/** The report in a real Chromium, opened from its file as a reader does. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../src/report/html.ts';
import { hostileResult, reportOf, sampleReport } from '../tools/sample-report.ts';
import { scenarios } from '../tools/sample-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
const names = [...scenarios, 'hostile'] as const;
const wide: BrowserContextOptions = { viewport: { width: 1180, height: 900 } };
const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 } };
let browser: Browser;

beforeAll(async () => {
  for (const scenario of scenarios) save(scenario, renderHtml(sampleReport(scenario)));
  save('hostile', renderHtml(reportOf(hostileResult())));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

function save(name: string, page: string): void {
  writeFileSync(join(folder, `${name}.html`), page);
}

interface Opened {
  readonly page: Page;
  /** Addresses asked for, and whatever the console said. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

async function open<T>(name: string, options: BrowserContextOptions, look: (opened: Opened) => Promise<T>): Promise<T> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    await page.goto(fileOf(name), { waitUntil: 'load' });
    return await look({ page, requests, complaints });
  } finally {
    await context.close();
  }
}

/** What `drawings.mjs` says of each visible chart. */
interface Drawing {
  readonly label: string;
  readonly width: number;
  readonly shapes: number;
  readonly lines: number;
  readonly outside: readonly string[];
}

/** What `contrast.mjs` says of the page's texts. */
interface Contrast {
  readonly seen: number;
  readonly faint: readonly string[];
}

/** Runs one of the scripts beside this file in the page. */
async function measured<T>(page: Page, script: 'drawings' | 'contrast'): Promise<T> {
  return page.evaluate<T>(readFileSync(join(import.meta.dirname, `${script}.mjs`), 'utf8'));
}

function fileOf(name: string): string {
  return pathToFileURL(join(folder, `${name}.html`)).href;
}

describe.each(names)('the report of %s', (name) => {
  it('asks for nothing but itself, and complains about nothing', async () => {
    await open(name, wide, async ({ page, requests, complaints }) => {
      await page.mouse.move(600, 500);
      expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([fileOf(name)]);
      expect(complaints).toEqual([]);
    });
  });

  it.each([
    { what: 'wide', options: wide },
    { what: 'a phone', options: phone },
  ])('draws every chart within its box on $what', async ({ options }) => {
    await open(name, options, async ({ page }) => {
      const drawings = await measured<readonly Drawing[]>(page, 'drawings');
      expect(drawings.length).toBeGreaterThanOrEqual(6);
      for (const drawing of drawings) {
        expect(drawing, drawing.label).toMatchObject({ outside: [] });
        expect(drawing.width, drawing.label).toBeGreaterThan(250);
        expect(drawing.shapes, drawing.label).toBeGreaterThan(3);
        expect(drawing.lines, drawing.label).toBeGreaterThan(0);
      }
    });
  });

  it.each([
    { what: 'wide', options: wide },
    { what: 'a phone', options: phone },
  ])('scrolls in one direction on $what', async ({ options }) => {
    await open(name, options, async ({ page }) => {
      const widthPx = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(widthPx).toBeLessThanOrEqual(options.viewport!.width);
    });
  });

  it.each(['light', 'dark'] as const)('has text of enough contrast in the %s scheme', async (colorScheme) => {
    await open(name, { ...wide, colorScheme }, async ({ page }) => {
      const { seen, faint } = await measured<Contrast>(page, 'contrast');
      expect(seen).toBeGreaterThan(100);
      expect(faint).toEqual([]);
    });
  });
});

it('measures what it says it measures', async () => {
  await open('pass', wide, async ({ page }) => {
    await page.setContent(
      '<body style="background:#fff"><p style="color:#888">faint</p><p style="color:#555">plain</p>',
    );
    expect(await measured<Contrast>(page, 'contrast')).toMatchObject({
      seen: 2,
      faint: [expect.stringMatching(/^faint: 3\.5/)],
    });
    await page.setContent(
      '<div class="chart"><svg width="300" height="50"><path d="M0 0L400 10" stroke="var(--x)"/></svg></div>',
    );
    expect(await measured<readonly Drawing[]>(page, 'drawings')).toMatchObject([
      { shapes: 1, lines: 1, outside: [expect.stringMatching(/^path/)] },
    ]);
  });
});

it('shows values under the pointer', async () => {
  await open('slow-disk', wide, async ({ page }) => {
    const strip = page.locator('.timeline .strip').first();
    expect(await strip.locator('output').textContent()).toBe('');
    await strip.locator('svg.wide').hover();
    expect(await strip.locator('output').textContent()).toMatch(/^\d+(\.\d)? s: offered 1,000\/s, achieved /);
    expect(await page.locator('.timeline .cursor:visible').count()).toBe(7);
    await page.mouse.move(2, 2);
    expect(await strip.locator('output').textContent()).toBe('');
  });
});

it('reads the same without its script', async () => {
  const text = (options: BrowserContextOptions) =>
    open('slow-disk', options, ({ page }) => page.locator('main').innerText());
  expect(await text({ ...wide, javaScriptEnabled: false })).toBe(await text(wide));
});

it('is light on paper, whatever the screen', async () => {
  await open('slow-disk', { ...wide, colorScheme: 'dark' }, async ({ page }) => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const ink = await page.evaluate<string>('getComputedStyle(document.body).color');
    expect(ink).toBe('rgb(21, 24, 28)');
    expect(await measured<Contrast>(page, 'contrast')).toMatchObject({ faint: [] });
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
  });
});
