import { inspect } from 'node:util'
import { type MetricListing, type OpenTimer, SHOWN_TIMER_VALUES } from './list-metrics.ts'

/**
 * Metrics as etsy prints them, which is what Node makes of an object that has them as its own properties: names that
 * are whole numbers come first, other than plain names are quoted and escaped, a timer shows its first 100 values.
 *
 *   { load: 0.75, 'queue.depth': -4 }
 *   END
 */
export function printMetrics({ metrics, metricCount }: MetricListing): string {
  const properties: [name: string, value: number | number[]][] = []
  for (const [name, value] of metrics) {
    properties.push([name, typeof value === 'number' ? value : timerArray(value)])
  }
  // It makes properties of its own, whatever their names: `__proto__` is one like any other.
  const text = inspect(Object.fromEntries(properties))
  return `${text}\n${leftOut(metricCount - metrics.size)}END\n\n`
}

/**
 * An array that is as long as the timer has values, so that Node tells how many it does not show. Its last item comes
 * first: the array begins sparse and takes the memory of what is in it only. Node aligns an array as numbers if what it
 * shows and one item more are numbers.
 */
function timerArray({ values, valueCount }: OpenTimer): number[] {
  const shown = values.slice(0, SHOWN_TIMER_VALUES)
  if (valueCount <= shown.length) return shown
  const array: number[] = []
  array[valueCount - 1] = 0
  for (const [index, value] of [...shown, 0].entries()) array[index] = value
  return array
}

function leftOut(count: number): string {
  if (count <= 0) return ''
  return `... ${count} more metric${count > 1 ? 's' : ''}\n`
}
