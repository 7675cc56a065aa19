/** As carbon's ROUTER_HASH_TYPE names them. */
export const RING_HASHES = ['carbon_ch', 'fnv1a_ch'] as const
export type RingHash = (typeof RING_HASHES)[number]
