/** Where the tests' points begin: a multiple of every step they use. */
export const BASE_MS = 1_700_000_040_000
