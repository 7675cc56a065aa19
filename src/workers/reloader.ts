import type { ReloadReport, RulesAnswer } from '../api/services.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { ReloadedConfig } from '../config/reload.ts'
import { KymoError, reasonOf } from '../telemetry/errors.ts'
import { changeText } from '../store/rules/rules-text.ts'
import type { Log } from '../telemetry/log.ts'
import type { OwnMetrics } from '../telemetry/own-metrics.ts'

export interface ReloaderOptions {
  /** Reads the configuration again; undefined: nothing has been reloaded yet. Throws KymoErrors. */
  readonly read: (running: LoadedConfig | undefined) => ReloadedConfig
  /** What other rules of keeping will do to the series that there are; null: they are the same. */
  readonly compareRules: (reloaded: ReloadedConfig) => Promise<RulesAnswer | null>
  /** Makes it that of the running threads. */
  readonly apply: (reloaded: ReloadedConfig) => Promise<void>
  readonly ownMetrics: OwnMetrics
  readonly log: Log
}

/**
 * Reloads, one at a time. Whoever asks while one is under way is told of the next, which reads the files anew; there is one
 * for all who ask meanwhile.
 */
export class Reloader {
  readonly #options: ReloaderOptions
  #running: LoadedConfig | undefined
  #underWay: Promise<unknown> = Promise.resolve()
  #next: Promise<ReloadReport> | undefined

  constructor(options: ReloaderOptions) {
    this.#options = options
  }

  /** Rejects if nothing has changed, with what is wrong; the log has it then. */
  reload(): Promise<ReloadReport> {
    if (this.#next !== undefined) return this.#next
    const next = this.#underWay.then(() => {
      this.#next = undefined
      return this.#reload()
    })
    this.#next = next
    this.#underWay = next.catch(() => {})
    return next
  }

  async #reload(): Promise<ReloadReport> {
    const { read, compareRules, apply, log } = this.#options
    try {
      const reloaded = read(this.#running)
      const rules = await compareRules(reloaded)
      if (rules !== null) log.info({ dropped: rules.dropped }, `other rules of keeping: ${changeText(rules)}`)
      await apply(reloaded)
      this.#running = reloaded
      this.#count('ok')
      const { changed, needRestart, warnings } = reloaded
      for (const warning of warnings) log.warn(warning)
      log.info({ changed }, 'the configuration has been read again')
      if (needRestart.length > 0) log.warn(`takes effect at the next start: ${needRestart.join(', ')}`)
      return { changed, needRestart, warnings, rules }
    } catch (error) {
      this.#count('failed')
      if (error instanceof KymoError && error.code !== 'internal')
        log.error(describe(error), 'the configuration cannot be reloaded; everything goes on as it was')
      else log.error({ reason: reasonOf(error) }, 'BUG: a thread could not take the configuration')
      throw error
    }
  }

  #count(result: 'ok' | 'failed'): void {
    this.#options.ownMetrics.counter('kymo_config_reloads_total', { result }).add(1)
  }
}

/** Each problem of a configuration by itself, with its line and column. */
function describe({ code, message, help, details }: KymoError): Record<string, unknown> {
  if (code !== 'config-invalid') return { code, reason: message, help }
  const problems = String(details.problems).split('\n')
  return { code, problems: problems.map((problem) => problem.trim()), help }
}
