import type { SeriesIdentity } from '../../src/model/series-identity.ts'

export const HOSTS = 2_000

/** About 42 characters: a fleet of hosts with some hundred metrics each, of which every other is part of a counter. */
export function identityAt(index: number, generation = ''): SeriesIdentity {
  const { host, metric, isRate } = partsAt(index)
  const metricKey = `dc${host % 8}.${hostName(host)}.http.requests.${generation}endpoint${metric}`
  return counterSeries(`${metricKey}.${isRate ? 'rate' : 'count'}`, metricKey, isRate)
}

/** About 46 characters, four tags with the name. */
export function taggedIdentityAt(index: number): SeriesIdentity {
  const { host, metric, isRate } = partsAt(index)
  const tags = `;dc=east${host % 8};env=${host % 2 === 0 ? 'prod' : 'test'};host=${hostName(host)}`
  const name = `requests${metric}`
  return counterSeries(`${name}.${isRate ? 'rate' : 'count'}${tags}`, name + tags, isRate)
}

function partsAt(index: number) {
  const pair = index >> 1
  return { host: pair % HOSTS, metric: Math.floor(pair / HOSTS), isRate: index % 2 === 1 }
}

function hostName(host: number): string {
  return `web${String(host).padStart(4, '0')}`
}

function counterSeries(key: string, metricKey: string, isRate: boolean): SeriesIdentity {
  return {
    key,
    metricKey,
    metricType: 'counter',
    statistic: isRate ? 'rate' : 'count',
    rollup: isRate ? 'mean' : 'sum',
  }
}
