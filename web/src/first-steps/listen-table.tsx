import { joinHostPort, type ListenGroup } from '../addresses.ts'

const SERVICE_NAMES = new Map([
  ['statsd', 'StatsD, DogStatsD'],
  ['graphite', 'Graphite'],
  ['admin', 'Admin console'],
  ['http', 'This page and the API'],
])

const SERVICE_ORDER = [...SERVICE_NAMES.keys()]

/** What Kymo listens on; first where metrics are sent to. */
export function ListenTable({ groups }: { readonly groups: readonly ListenGroup[] }) {
  const sorted = groups.toSorted((a, b) => rankOf(a.service) - rankOf(b.service))
  return (
    <table className="listen">
      <caption className="section-title">Listening on</caption>
      <tbody>
        {sorted.map((group) => (
          <tr key={`${group.service} ${group.port}`}>
            <th scope="row">{SERVICE_NAMES.get(group.service) ?? group.service}</th>
            <td className="listen-transports">
              {group.transports.map((transport) => (
                <span key={transport} className="chip">
                  {transport}
                </span>
              ))}
            </td>
            <td className="listen-hosts">
              {group.hosts.map((host) => (
                <code key={host}>{joinHostPort(host, group.port)}</code>
              ))}
            </td>
            <td className="listen-reach">{group.isOpen ? 'open to the network' : 'this machine only'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Services that this page does not know come last. */
function rankOf(service: string): number {
  const index = SERVICE_ORDER.indexOf(service)
  return index < 0 ? SERVICE_ORDER.length : index
}
