import type { SeriesIdentity } from '../../model/series-identity.ts'

/** As the last node of a series' name has it: `upper_90`, `upper_99_9`, `lower_top10`. */
export function statisticName({ statistic, percentile }: SeriesIdentity): string {
  if (percentile === undefined) return statistic
  return `${statistic}_${String(percentile).replace('.', '_').replace('-', 'top')}`
}
