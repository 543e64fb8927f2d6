/** Numbers for people. Costs come in nano-dollars, durations in microseconds. */

export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

export function count(n: number | bigint): string {
  return n.toLocaleString("en-US");
}

export function usd(nano: bigint | number): string {
  const dollars = Number(nano) / 1e9;
  if (dollars !== 0 && Math.abs(dollars) < 0.01) {
    return `$${dollars.toFixed(6).replace(/0+$/, "")}`;
  }
  return `$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

export function duration(us: bigint | number): string {
  const n = Number(us);
  if (n < 1000) {
    return `${Math.round(n)} µs`;
  }
  if (n < 1e6) {
    return `${(n / 1000).toFixed(n < 1e4 ? 1 : 0)} ms`;
  }
  return `${(n / 1e6).toFixed(n < 1e7 ? 1 : 0)} s`;
}

export function plural(n: number | bigint, one: string, many = `${one}s`): string {
  return `${count(n)} ${Number(n) === 1 ? one : many}`;
}
