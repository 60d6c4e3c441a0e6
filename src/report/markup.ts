/**
 * HTML as values: a template tag that escapes whatever it is given, so that a name in a result can never become markup.
 * Only what this room wrote itself (its own templates, charts and style) passes unescaped.
 */

/** HTML that is safe as it is: made by this room's templates, or trusted explicitly. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** null and false leave nothing behind, so that `condition && html…` reads well. */
export type MarkupValue = Markup | string | number | false | null | readonly MarkupValue[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe in text and in quoted attributes. Control characters, which HTML forbids even as references, become U+FFFD. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!).replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}

/** A template whose values are escaped, unless they are markup themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let text = strings[0]!;
  for (const [i, value] of values.entries()) text += rendered(value) + strings[i + 1]!;
  return new Markup(text);
}

/** For text that this room made and that must not be escaped again. Never for anything out of a document. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** For a block of JSON in a page: `<` is spelled as an escape, so that no string in it can end the block. */
export function jsonData(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

/** Running text: a number and its unit stay on one line. */
export function prose(text: string): string {
  return text.replace(/(\d) (?=(?:[munµ]?s|%|[KMGT]?i?B|MHz|requests|clients|cores)(?![\p{L}\d]))/gu, '$1\u00a0');
}

/** A command of which no word is broken in two: each is copied as it is read. */
export function commandLine(line: string): Markup {
  const words = line.split(' ').map((word) => html`<span class="nowrap">${word}</span>`);
  return html`<pre class="command">${words.flatMap((word, i) => (i === 0 ? [word] : [' ', word]))}</pre>`;
}

function rendered(value: MarkupValue): string {
  if (value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(rendered).join('');
  return escapeHtml(String(value));
}
