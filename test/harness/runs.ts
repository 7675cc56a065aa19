/**
 * How often a property is tried: a fifth of this many times by `npm test`, and as many by `npm run test:full`, which runs
 * the files that say `runs(` again. For what takes long, that is; what is quick is tried as often everywhere.
 */
export function runs(whole: number): number {
  return Math.ceil(whole / QUICK_DIVISOR)
}

/** The same for what can be gone through from one end to the other: every one of them, or every fifth. */
export const stride = (): number => QUICK_DIVISOR

const QUICK_DIVISOR = process.env['KYMO_TEST_FULL'] === '1' ? 1 : 5
