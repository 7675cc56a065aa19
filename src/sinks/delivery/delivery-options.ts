import { integer, label, size } from '../../lib/option.ts'
import { filterOptions } from './filter-options.ts'

/** Options that every sink has, because delivery is the same for all. Spread into each sink's own. */
export const deliveryOptions = () => ({
  name: label(
    'Name of this sink in logs and own metrics. The type, if not given; of two sinks of one type one needs a name.',
  ),
  queue_points: integer(
    'How many points may wait in memory while the sink is slow or away. What is more waits on disk (`spool_bytes`).',
    1_000_000,
    { min: 1, max: 100_000_000 },
  ),
  spool_bytes: size(
    'How much may wait on disk, in `spool` of the data directory, when memory is full; a point takes some 3 to 8 bytes. When there is more, the oldest are dropped and counted. `0B`, and where nothing is stored: only memory.',
    '1GiB',
    { max: '1000GiB' },
  ),
  ...filterOptions(),
})
