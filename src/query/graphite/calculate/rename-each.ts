import type { QuerySeries } from '../../query-series.ts'
import type { FunctionCall } from '../function-call.ts'

/**
 * Gives each series the name that is made of it. Names that grow beyond all use are an error: inside each other, calls that double
 * a name would fill the memory.
 */
export function renameEach(
  series: readonly QuerySeries[],
  call: Pick<FunctionCall, 'fail'>,
  nameOf: (series: QuerySeries, index: number) => string,
): QuerySeries[] {
  return series.map((one, index) => {
    const name = nameOf(one, index)
    if (name.length > MAX_NAME_LENGTH && name.length > one.name.length) {
      return call.fail(`a name becomes longer than ${MAX_NAME_LENGTH} characters`)
    }
    return { ...one, name }
  })
}

const MAX_NAME_LENGTH = 16_384
