/** Signs that say the same as the colours, for whoever sees no colours. Drawn in the colour of the text around them. */
import type { FindingStatus } from '../checks/finding.ts';
import type { VerdictWord } from '../checks/verdict.ts';
import { html, trusted, type Markup } from './markup.ts';

const check = '<path d="M5.8 10.4l2.9 2.9 5.6-6.2"/>';
const cross = '<path d="M6.8 6.8l6.4 6.4m0-6.4l-6.4 6.4"/>';
const bang = '<path d="M10 5.4v5.6m0 3v.2"/>';
const question = '<path d="M7.6 7.7a2.4 2.4 0 1 1 3.5 2.2c-.8.4-1.1.9-1.1 1.7m0 2.5v.2"/>';
const dash = '<path d="M6.5 10h7"/>';
const stop = '<path d="M7.4 7.4h5.2v5.2H7.4z"/>';

const ofVerdict: Readonly<Record<VerdictWord, string>> = {
  PASS: check,
  FAIL: cross,
  INVALID: bang,
  INCONCLUSIVE: question,
  INTERRUPTED: stop,
  'CLEANUP FAILED': bang,
};

const ofStatus: Readonly<Record<FindingStatus, string>> = {
  pass: check,
  fail: cross,
  warn: bang,
  skip: dash,
  error: question,
};

/** Decoration beside the word itself. */
export function verdictIcon(word: VerdictWord): Markup {
  return drawn(ofVerdict[word], 'aria-hidden="true"');
}

/** Stands alone, so it carries its word for screen readers. */
export function statusIcon(status: FindingStatus): Markup {
  return html`<span class="icon is-${status}" title="${status}">${drawn(ofStatus[status], 'aria-hidden="true"')}</span
    ><span class="hidden">${status}</span>`;
}

function drawn(path: string, attributes: string): Markup {
  return trusted(
    `<svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" ${attributes}><circle cx="10" cy="10" r="8.8"/>${path}</svg>`,
  );
}
