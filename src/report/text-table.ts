/** Plain text in columns and in lines of a bounded width, for terminals. */

/** A column's heading and the side that its cells keep to. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Rows under their titles, columns two spaces apart, as wide as what is in them. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  const cell = (text: string, i: number): string =>
    columns[i]?.align === 'right' ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return lines.map((line) => line.map(cell).join('  ').trimEnd());
}

/** `prefix`, then the text in lines of at most `width` characters under each other; a longer word keeps its own line. */
export function wrapText(prefix: string, text: string, width: number): string[] {
  const room = width - prefix.length;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const fits = line === '' || line.length + 1 + word.length <= room;
    if (!fits) lines.push(line);
    line = fits && line !== '' ? `${line} ${word}` : word;
  }
  return [...lines, line].map((each, i) => (i === 0 ? prefix : ' '.repeat(prefix.length)) + each);
}
