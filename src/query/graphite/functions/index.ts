import type { GraphiteFunction } from '../graphite-function.ts'
import * as aggregate from './aggregate.ts'
import * as aggregateLine from './aggregate-line.ts'
import * as aggregateSeriesLists from './aggregate-series-lists.ts'
import * as aggregateWithWildcards from './aggregate-with-wildcards.ts'
import * as alias from './alias.ts'
import * as aliasByBase64 from './alias-by-base64.ts'
import * as aliasByHash from './alias-by-hash.ts'
import * as applyByNode from './apply-by-node.ts'
import * as areaBetween from './area-between.ts'
import * as arithmetic from './arithmetic.ts'
import * as asPercent from './as-percent.ts'
import * as baseline from './baseline.ts'
import * as cactiStyle from './cacti-style.ts'
import * as compressPeriodicGaps from './compress-periodic-gaps.ts'
import * as consolidation from './consolidation.ts'
import * as countSeries from './count-series.ts'
import * as countValues from './count-values.ts'
import * as delay from './delay.ts'
import * as derivative from './derivative.ts'
import * as divideSeries from './divide-series.ts'
import * as events from './events.ts'
import * as exponentialMovingAverage from './exponential-moving-average.ts'
import * as exponentiallyWeighted from './exponentially-weighted.ts'
import * as fillGaps from './fill-gaps.ts'
import * as filterSeries from './filter-series.ts'
import * as fourier from './fourier.ts'
import * as generated from './generated.ts'
import * as grep from './grep.ts'
import * as group from './group.ts'
import * as groupByTags from './group-by-tags.ts'
import * as heatMap from './heat-map.ts'
import * as highestLowest from './highest-lowest.ts'
import * as hitcount from './hitcount.ts'
import * as holtWinters from './holt-winters.ts'
import * as integral from './integral.ts'
import * as integralWithReset from './integral-with-reset.ts'
import * as join from './join.ts'
import * as kolmogorovSmirnovTest from './kolmogorov-smirnov-test.ts'
import * as legendValue from './legend-value.ts'
import * as letterCase from './letter-case.ts'
import * as lineStyle from './line-style.ts'
import * as linearRegression from './linear-regression.ts'
import * as lowPass from './low-pass.ts'
import * as mapSeries from './map-series.ts'
import * as markerLines from './marker-lines.ts'
import * as minMax from './min-max.ts'
import * as movingWindow from './moving-window.ts'
import * as multiplySeries from './multiply-series.ts'
import * as nPercentile from './n-percentile.ts'
import * as nullValues from './null-values.ts'
import * as offset from './offset.ts'
import * as outsidePercentile from './outside-percentile.ts'
import * as pearson from './pearson.ts'
import * as percentileOfSeries from './percentile-of-series.ts'
import * as polyfit from './polyfit.ts'
import * as powSeriesLists from './pow-series-lists.ts'
import * as relatedSeries from './related-series.ts'
import * as removeEmptySeries from './remove-empty-series.ts'
import * as removeValues from './remove-values.ts'
import * as scale from './scale.ts'
import * as scaleAfterTimestamp from './scale-after-timestamp.ts'
import * as slo from './slo.ts'
import * as sort from './sort.ts'
import * as special from './special.ts'
import * as stacked from './stacked.ts'
import * as stdev from './stdev.ts'
import * as substr from './substr.ts'
import * as summarize from './summarize.ts'
import * as timeShift from './time-shift.ts'
import * as timeSlice from './time-slice.ts'
import * as timerPercentile from './timer-percentile.ts'
import * as tukey from './tukey.ts'
import * as unique from './unique.ts'
import * as weightedAverage from './weighted-average.ts'

/** Every function: what each of these files exports. */
const MODULES: readonly object[] = [
  aggregate,
  aggregateLine,
  aggregateSeriesLists,
  aggregateWithWildcards,
  alias,
  aliasByBase64,
  aliasByHash,
  applyByNode,
  areaBetween,
  arithmetic,
  asPercent,
  baseline,
  cactiStyle,
  compressPeriodicGaps,
  consolidation,
  countSeries,
  countValues,
  delay,
  derivative,
  divideSeries,
  events,
  exponentialMovingAverage,
  exponentiallyWeighted,
  fillGaps,
  filterSeries,
  fourier,
  generated,
  grep,
  group,
  groupByTags,
  heatMap,
  highestLowest,
  hitcount,
  holtWinters,
  integral,
  integralWithReset,
  join,
  kolmogorovSmirnovTest,
  legendValue,
  letterCase,
  lineStyle,
  linearRegression,
  lowPass,
  mapSeries,
  markerLines,
  minMax,
  movingWindow,
  multiplySeries,
  nPercentile,
  nullValues,
  offset,
  outsidePercentile,
  pearson,
  percentileOfSeries,
  polyfit,
  powSeriesLists,
  relatedSeries,
  removeEmptySeries,
  removeValues,
  scale,
  scaleAfterTimestamp,
  slo,
  sort,
  special,
  stacked,
  stdev,
  substr,
  summarize,
  timeShift,
  timeSlice,
  timerPercentile,
  tukey,
  unique,
  weightedAverage,
]

/** By each of their names. */
export const FUNCTIONS: ReadonlyMap<string, GraphiteFunction> = new Map(
  MODULES.flatMap((module) => Object.values(module).filter(isFunction)).flatMap((definition) =>
    [definition.name, ...(definition.aliases ?? [])].map((name) => [name, definition] as const),
  ),
)

/** Files of families also export what they share with each other. */
function isFunction(exported: unknown): exported is GraphiteFunction {
  return typeof exported === 'object' && exported !== null && 'evaluate' in exported
}
