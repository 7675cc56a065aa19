import type { KymoProcess } from './kymo.ts'

/** A reading of `GET /metrics`. */
export class OwnMetricsReading {
  readonly #values: ReadonlyMap<string, number>

  private constructor(values: ReadonlyMap<string, number>) {
    this.#values = values
  }

  static async take(kymo: KymoProcess): Promise<OwnMetricsReading> {
    const text = await (await fetch(kymo.url('/metrics'))).text()
    const lines = [...text.matchAll(/^(kymo_\S+) (\S+)$/gm)]
    return new OwnMetricsReading(new Map(lines.map(([, name = '', value]) => [name, Number(value)])))
  }

  /** Of one listener; 0 while there is none. */
  of(metric: string, listener: string): number {
    return this.#values.get(`${metric}{listener="${listener}"}`) ?? 0
  }

  /** Over all its labels. */
  sum(metric: string): number {
    return [...this.#values]
      .filter(([name]) => name === metric || name.startsWith(`${metric}{`))
      .reduce((sum, [, value]) => sum + value, 0)
  }

  /** Rejected lines by reason; those with none are left out. */
  rejected(): Record<string, number> {
    return Object.fromEntries(
      [...this.#values]
        .filter(([name, value]) => name.startsWith('kymo_rejected_lines_total') && value > 0)
        .map(([name, value]) => [/reason="(\w+)"/.exec(name)?.[1] ?? name, value]),
    )
  }
}
