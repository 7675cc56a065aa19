import type { Config } from '../../config/config.ts'
import { usage } from '../../config/flags.ts'
import type { Clock } from '../../lib/clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { KymoPeer } from './kymo-peer.ts'
import { openRunningKymo } from './running-kymo.ts'
import { openStoppedKymo } from './stopped-kymo.ts'

/** How the Kymo is found that is meant by the configuration and `--url`. */
export type OpenPeer = (
  config: Pick<Config, 'store' | 'http' | 'flush' | 'dashboards'>,
  url: string | undefined,
  clock: Clock,
) => Promise<KymoPeer>

/**
 * The Kymo at the URL that was given. Without one, that of the data directory: if it runs, it is asked at the address of the configuration;
 * otherwise its store is opened here.
 */
export const openPeer: OpenPeer = async (config, url, clock) => {
  if (url !== undefined) return openRunningKymo(checkedUrl(url), clock)
  if (!config.store.enabled) return openRunningKymo(urlOf(config.http), clock)
  try {
    return await openStoppedKymo(config, clock)
  } catch (error) {
    if (error instanceof KymoError && error.code === 'data-in-use')
      return openRunningKymo(urlOf(config.http), clock)
    throw error
  }
}

/** Where the running Kymo is that is meant by the configuration and `--url`. */
export function runningUrl(config: Pick<Config, 'http'>, url: string | undefined): string {
  return url === undefined ? urlOf(config.http) : checkedUrl(url)
}

function checkedUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:') throw usage(`--url: "${url}" is no address such as http://127.0.0.1:8080`)
  return parsed.origin
}

function urlOf({ hosts, port }: Config['http']): string {
  const host = hosts.find((candidate) => candidate.includes('127.0.0.1')) ?? hosts[0] ?? '127.0.0.1'
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
