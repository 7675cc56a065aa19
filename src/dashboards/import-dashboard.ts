import { KymoError } from '../telemetry/errors.ts'
import { checkDashboard } from './dashboard.ts'
import { idFromTitle } from './dashboard-id.ts'
import { importGrafana } from './import-grafana.ts'
import { importGraphite } from './import-graphite.ts'
import { type ImportedDashboard, isObject, objectOf } from './import-report.ts'

/** A dashboard of Grafana, of Graphite or our own, told apart by what is in it. Throws `dashboard-invalid` for anything else. */
export function importDashboard(document: unknown): ImportedDashboard {
  if (!isObject(document)) throw unknown('it is not a JSON object')
  // As the APIs of both hand it out: {"dashboard": …, "meta": …}, {"state": …}.
  const inner = isObject(document.dashboard) ? document.dashboard : document
  if (Array.isArray(objectOf(inner.state).graphs)) return importGraphite(objectOf(inner.state))
  if (Array.isArray(inner.graphs)) return importGraphite(inner)
  if (inner.version === 1 && inner.schemaVersion === undefined && inner.rows === undefined) {
    const checked = checkDashboard(inner)
    if ('dashboard' in checked) {
      const { dashboard } = checked
      return { kind: 'kymo', id: idFromTitle(dashboard.title), dashboard, notTaken: [] }
    }
    if (inner.templating === undefined && inner.uid === undefined) throw unknown(checked.problem)
  }
  if (Array.isArray(inner.panels) || Array.isArray(inner.rows)) return importGrafana(inner)
  throw unknown('it has neither panels or rows, as those of Grafana, nor graphs, as those of Graphite')
}

function unknown(problem: string): KymoError {
  return new KymoError('dashboard-invalid', { problem })
}
