import { compileCapturingPattern, type CapturingPattern } from '../../lib/name-pattern.ts'
import {
  judge,
  NAGIOS_STATES,
  type NagiosState,
  parseNagiosRange,
  perfdata,
  type Thresholds,
} from '../../lib/nagios-range.ts'
import { parseTemplate, type Template } from '../../lib/template.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { parseSeriesKey, type Tag } from '../../model/series-key.ts'
import type { CheckOptions } from './check-options.ts'

/** The result of a passive check. */
export interface CheckResult {
  readonly host: string
  readonly service: string
  readonly state: NagiosState
  /** One line, with what Nagios keeps behind `|`. */
  readonly output: string
  /** Of the series it is about. */
  readonly key: string
}

interface Check extends Thresholds {
  readonly pattern: CapturingPattern
  readonly host: Template
  readonly service: Template
}

interface Target {
  readonly check: Check
  readonly host: string
  readonly service: string
}

/** Which series are checked, and what comes of it. What a series is to Nagios is worked out once. */
export class Checks {
  readonly #checks: readonly Check[]
  readonly #targets = new WeakMap<SeriesIdentity, Target | null>()

  constructor({ checks }: CheckOptions) {
    this.#checks = checks.map(({ match, host, service, warning, critical }) => {
      const compiled = compileCapturingPattern(match)
      if (!compiled.isCompiled) throw new Error('BUG: the pattern of a check was not checked')
      return {
        pattern: compiled.pattern,
        host: parseTemplate(host),
        service: parseTemplate(service),
        warning: warning === undefined ? undefined : parseNagiosRange(warning),
        critical: critical === undefined ? undefined : parseNagiosRange(critical),
      }
    })
  }

  isChecked(identity: SeriesIdentity): boolean {
    return this.#targetOf(identity) !== null
  }

  /** undefined: nothing is checked. */
  resultOf(identity: SeriesIdentity, value: number): CheckResult | undefined {
    const target = this.#targetOf(identity)
    if (target === null) return undefined
    const { check, host, service } = target
    const state = judge(value, check)
    const name = onOneLine(identity.key)
    const output = `${NAGIOS_STATES[state]} - ${name} is ${value}|${perfdata(identity.key, value, check)}`
    return { host, service, state, output, key: identity.key }
  }

  #targetOf(identity: SeriesIdentity): Target | null {
    let target = this.#targets.get(identity)
    if (target === undefined) {
      target = this.#findTarget(identity)
      this.#targets.set(identity, target)
    }
    return target
  }

  #findTarget({ key }: SeriesIdentity): Target | null {
    const { name, tags } = parseSeriesKey(key)
    const nodes = name.split('.')
    for (const check of this.#checks) {
      const captures = check.pattern.capture(nodes)
      if (captures === undefined) continue
      return {
        check,
        host: toObjectName(fillTags(check.host.fill(captures), tags)),
        service: toObjectName(fillTags(check.service.fill(captures), tags)),
      }
    }
    return null
  }
}

function fillTags(text: string, tags: readonly Tag[]): string {
  return text.replace(
    /%\{([^}]*)\}/g,
    (_, wanted: string) => tags.find(([key]) => key === wanted)?.[1] ?? 'unknown',
  )
}

/** Without what Nagios allows in no name of an object, and what ends a field of its commands. */
function toObjectName(text: string): string {
  return text.replace(/[`~!$%^&*"|'<>?,()=;\p{Cc}]/gu, '_').trim() || '_'
}

function onOneLine(text: string): string {
  return text.replace(/[|\p{Cc}\u2028\u2029]/gu, '_')
}
