/** How far ahead of us a sender's clock may be. Milliseconds sent as seconds are much further. */
export const FUTURE_LIMIT_MS = 86_400_000
