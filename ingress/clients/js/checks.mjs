// Runs checks and prints how many passed.

import { isDeepStrictEqual } from "node:util";

export const base = process.env.SEMROUTE_HTTP;
const results = [];

export async function check(name, does) {
  try {
    await does();
    console.log("ok  ", name);
    results.push(true);
  } catch (error) {
    console.log("FAIL", name, error);
    results.push(false);
  }
}

export function same(got, want) {
  if (!isDeepStrictEqual(got, want)) {
    throw new Error(`got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

export async function raises(kind, does) {
  try {
    await does();
  } catch (error) {
    if (error instanceof kind && error.error) return;
    throw error;
  }
  throw new Error(`raised no ${kind.name}`);
}

export function finish() {
  console.log(`${results.filter(Boolean).length}/${results.length} passed`);
  process.exit(results.length > 0 && results.every(Boolean) ? 0 : 1);
}
