import { hash } from 'node:crypto'
import type { Destination } from './destination.ts'
import type { RingHash } from './ring-hashes.ts'

export interface RingOptions {
  readonly hash: RingHash
  /** How many destinations a name has. */
  readonly replicationFactor: number
  /** They are of different hosts. A name has fewer, if there are not so many hosts. */
  readonly isDiverse: boolean
}

interface Place {
  readonly position: number
  /** Index of the destination. */
  readonly destination: number
}

const PLACES_PER_DESTINATION = 100

/**
 * Which destinations a name belongs to, as carbon-relay's consistent hashing says: each destination has a hundred places on a ring of 65,536, by the
 * hash of what Python prints of it; a name belongs to the first one from its own place on. The port plays no part. Places that are taken
 * move on by one, so the order of the destinations matters, as it does there.
 */
export class HashRing {
  readonly #destinations: readonly Destination[]
  readonly #options: RingOptions
  /** By position, each once. */
  readonly #places: readonly Place[]

  constructor(destinations: readonly Destination[], options: RingOptions) {
    this.#destinations = destinations
    this.#options = options
    this.#places = layOut(destinations, options.hash)
  }

  /** Indices of destinations, the first choice first. */
  destinationsOf(name: string): number[] {
    const { replicationFactor, isDiverse } = this.#options
    const places = this.#places
    const chosen: number[] = []
    const hosts = new Set<string>()
    const first = this.#placeFrom(ringPosition(name, this.#options.hash))
    // All but the last place of the round, which carbon never looks at.
    const mostPlaces = Math.max(1, places.length - 1)
    for (let step = 0; step < mostPlaces && chosen.length < replicationFactor; step++) {
      const { destination } = places[(first + step) % places.length] as Place
      const host = this.#destinations[destination]?.host ?? ''
      if (chosen.includes(destination) || (isDiverse && hosts.has(host))) continue
      chosen.push(destination)
      hosts.add(host)
    }
    return chosen
  }

  /** Index of the first place at `position` or behind it. */
  #placeFrom(position: number): number {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#places[middle] as Place).position < position) low = middle + 1
      else high = middle
    }
    return low % this.#places.length
  }
}

function layOut(destinations: readonly Destination[], ringHash: RingHash): Place[] {
  const taken = new Set<number>()
  const places: Place[] = []
  for (const [destination, { host, instance }] of destinations.entries()) {
    for (let replica = 0; replica < PLACES_PER_DESTINATION; replica++) {
      const key =
        ringHash === 'fnv1a_ch'
          ? `${replica}-${instance ?? 'None'}`
          : `('${host}', ${instance === null ? 'None' : `'${instance}'`}):${replica}`
      let position = ringPosition(key, ringHash)
      while (taken.has(position)) position++
      taken.add(position)
      places.push({ position, destination })
    }
  }
  return places.sort((a, b) => a.position - b.position)
}

function ringPosition(key: string, ringHash: RingHash): number {
  if (ringHash === 'carbon_ch') return Number.parseInt(hash('md5', key, 'hex').slice(0, 4), 16)
  let hashed = 0x811c_9dc5
  for (const byte of Buffer.from(key)) hashed = Math.imul(hashed ^ byte, 0x0100_0193)
  return (hashed >>> 16) ^ (hashed & 0xffff)
}
