/** Figures as people read them: thousands separated, no more digits than the eye needs. The locale is fixed: reports compare. */

/** 1,234,567; below 10 with two decimals, below 100 with one, and none that are zero. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  return value.toLocaleString('en-US', { maximumFractionDigits: size < 10 ? 2 : size < 100 ? 1 : 0 });
}

/** 15,000/s */
export function formatPerSecond(value: number): string {
  return `${formatNumber(value)}/s`;
}

/** Of a share from 0 to 1: 97 %, 3.1 %, 0.02 %; what is not nothing is never shown as 0. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return '<0.01 %';
  const digits = percent >= 10 && percent <= 99 ? 0 : percent < 0.1 ? 2 : percent > 99 && percent < 100 ? 2 : 1;
  return `${Number(percent.toFixed(digits))} %`;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** 1 KiB, 8 GiB, 1.5 MiB */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${Number(size.toFixed(size < 100 && unit > 0 ? 1 : 0)).toLocaleString('en-US')} ${units[unit]}`;
}

/** "1 key", "2 keys": the noun with its number. */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** With as many digits as it takes, where the usual ones would make a figure look like the limit that it is not. */
export function apartFrom(limit: number, format: (value: number) => string, unit: string): (value: number) => string {
  return (value) => {
    if (value === limit || format(value) !== format(limit)) return format(value);
    let digits = 3;
    while (digits < 15 && Number(value.toPrecision(digits)) === Number(limit.toPrecision(digits))) digits++;
    return `${Number(value.toPrecision(digits))}${unit}`;
  };
}
