import { type RefCallback, useMemo } from 'react'
import type { ServiceEntry } from '../api.ts'
import { bridgePauses } from '../charts/bridge-pauses.ts'
import { layOut } from '../charts/chart-data.ts'
import { planChart } from '../charts/chart-plan.ts'
import { formatAge, formatCount, formatWithUnit } from '../format.ts'
import { colorOf } from '../palette.ts'
import { isOfTags } from '../dashboard/prefixes.ts'
import { linkTo, type Route } from '../route.ts'
import type { LoaderState } from '../series-loader.ts'
import { readSeriesName, showHidden } from '../series-name.ts'
import type { Theme } from '../theme.ts'
import type { TimeWindow } from '../time-range.ts'
import { summarize } from './card-summary.ts'
import { sparkPaths } from './spark-paths.ts'

export interface ServiceCardProps {
  readonly service: ServiceEntry
  readonly route: Route
  readonly loaded: LoaderState
  readonly window: TimeWindow
  readonly theme: Theme
  readonly watch: RefCallback<HTMLElement>
}

const WIDTH = 240
const HEIGHT = 44
const SHOWN_ENVIRONMENTS = 3

/** The name under which a service's card is looked for among those on the screen. */
export function serviceId(service: ServiceEntry): string {
  return `service ${service.prefix}`
}

/** What a service has, and its pulse; it leads to its dashboard. */
export function ServiceCard({ service, route, loaded, window, theme, watch }: ServiceCardProps) {
  const { pulse } = service
  const { paths, newest } = useMemo(() => {
    const plan = planChart(pulse)
    const data = layOut(plan, loaded.series, window)
    const values = data?.columns.get(plan.lines[0]?.key ?? '') ?? []
    // An interval that is not over would look like a fall.
    const complete = values.filter((_, i) => (data?.times[i] ?? 0) <= window.untilSeconds)
    const last = data === undefined ? null : summarize(pulse.type, plan, data).last
    return {
      paths: sparkPaths(bridgePauses(data?.times ?? [], complete), WIDTH, HEIGHT),
      newest: last === null ? '' : formatWithUnit(last, pulse.type === 'counter' ? 'rate' : plan.unit),
    }
  }, [pulse, loaded.series, window])
  const name = isOfTags(service.prefix) ? service.prefix.replace(/^[^=]*=/, '') : service.prefix
  const color = colorOf(name)[theme]
  const silentSeconds = Math.max(0, window.untilSeconds - service.lastSeenMs / 1000)
  return (
    <a
      className="service"
      ref={watch}
      data-visible-id={serviceId(service)}
      href={linkTo(route, { page: 'dashboard', prefix: service.prefix })}
    >
      <span className="service-head">
        <bdi className="service-name">{showHidden(name)}</bdi>
        <span className="service-count">
          {service.environments.slice(0, SHOWN_ENVIRONMENTS).map((environment) => (
            <bdi key={environment} className="chip">
              {showHidden(environment)}
            </bdi>
          ))}
          {formatCount(service.metricCount)} {service.metricCount === 1 ? 'metric' : 'metrics'}
        </span>
      </span>
      <svg
        className="service-spark"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {paths.map((path) => (
          <path key={path} d={path} stroke={color} />
        ))}
      </svg>
      <span className="service-foot">
        <span className="service-now">
          <bdi className="service-pulse">{readSeriesName(pulse.key).leaf}</bdi>
          <b>{newest}</b>
        </span>
        <span>
          {silentSeconds < SILENT_SECONDS
            ? service.types
                .map(
                  ({ type, count }) =>
                    `${formatCount(count)} ${type}${count === 1 || type === 'untyped' ? '' : 's'}`,
                )
                .join(' · ')
            : `silent for ${formatAge(silentSeconds)}`}
        </span>
      </span>
    </a>
  )
}

/** As long as an idle counter is still flushed. */
const SILENT_SECONDS = 300
