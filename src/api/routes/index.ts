import type { Route } from '../route.ts'
import { backup } from './backup.ts'
import { dashboardDelete, dashboardGet, dashboardImport, dashboardList, dashboardSave } from './dashboards.ts'
import { deleteSeries } from './delete-series.ts'
import { eventsAdd } from './events-add.ts'
import { eventsGetData } from './events-get-data.ts'
import { eventsList } from './events-list.ts'
import { eventsOne } from './events-one.ts'
import { exportPoints } from './export-points.ts'
import { exportSeries } from './export-series.ts'
import { explain } from './explain.ts'
import { flush } from './flush.ts'
import { functions, oneFunction } from './functions.ts'
import { health } from './health.ts'
import { incoming } from './incoming.ts'
import { importPoints } from './import-points.ts'
import { live } from './live.ts'
import { metricList } from './metric-list.ts'
import { serviceList } from './service-list.ts'
import { metrics } from './metrics.ts'
import { metricsExpand } from './metrics-expand.ts'
import { metricsIndex } from './metrics-index.ts'
import { metricsFind } from './metrics-find.ts'
import { openapi } from './openapi.ts'
import { prometheus } from './prometheus.ts'
import { ready } from './ready.ts'
import { reload } from './reload.ts'
import { render } from './render.ts'
import { rules } from './rules.ts'
import { size } from './size.ts'
import { status } from './status.ts'
import { tap } from './tap.ts'
import { tagDelSeries, tagMultiSeries, tagSeries } from './tags-write.ts'
import { tagsCompleteTags } from './tags-complete-tags.ts'
import { tagsCompleteValues } from './tags-complete-values.ts'
import { tagsFindSeries } from './tags-find-series.ts'
import { tagsList } from './tags-list.ts'
import { tagsOne } from './tags-one.ts'
import { usage } from './usage.ts'
import { version } from './version.ts'
import { writeGraphite } from './write-graphite.ts'
import { writeInflux, writeInflux2 } from './write-influx.ts'
import { writeJson } from './write-json.ts'
import { writeOtlp } from './write-otlp.ts'
import { writeRemote } from './write-remote.ts'
import { writeStatsd } from './write-statsd.ts'

/** Every route, in the order in which the reference shows them. */
export const ROUTES: readonly Route[] = [
  render,
  metricsFind,
  metricsExpand,
  metricsIndex,
  metrics,
  prometheus,
  tagsFindSeries,
  tagsCompleteTags,
  tagsCompleteValues,
  tagsList,
  tagsOne,
  tagSeries,
  tagMultiSeries,
  tagDelSeries,
  eventsAdd,
  eventsGetData,
  eventsOne,
  eventsList,
  dashboardList,
  dashboardGet,
  dashboardSave,
  dashboardDelete,
  dashboardImport,
  explain,
  functions,
  oneFunction,
  version,
  metricList,
  serviceList,
  status,
  usage,
  size,
  live,
  incoming,
  tap,
  writeGraphite,
  writeStatsd,
  writeJson,
  writeInflux,
  writeInflux2,
  writeRemote,
  writeOtlp,
  importPoints,
  exportSeries,
  exportPoints,
  deleteSeries,
  rules,
  backup,
  flush,
  reload,
  ready,
  health,
  openapi,
]
