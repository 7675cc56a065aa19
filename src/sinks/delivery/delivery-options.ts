import { integer, label } from '../../lib/option.ts'
import { filterOptions } from './filter-options.ts'

/** Options that every sink has, because delivery is the same for all. Spread into each sink's own. */
export const deliveryOptions = {
  name: label(
    'Name of this sink in logs and own metrics. The type, if not given; of two sinks of one type one needs a name.',
  ),
  queue_points: integer(
    'How many points may wait in memory while the sink is slow or away. When there are more, the oldest are dropped and counted.',
    1_000_000,
    { min: 1, max: 100_000_000 },
  ),
  ...filterOptions,
}
