import type { StatusReport } from '../api.ts'
import { groupAddresses } from '../addresses.ts'
import { formatCount } from '../format.ts'
import type { LiveState } from '../live.ts'
import { Notice } from '../notice.tsx'
import { Rejection } from '../rejection.tsx'
import { createSnippets } from '../snippets.ts'
import { IntakeTrace } from './intake-trace.tsx'
import { ListenTable } from './listen-table.tsx'
import { SnippetTabs } from './snippet-tabs.tsx'

export interface FirstStepsProps {
  readonly live: LiveState
  readonly status: StatusReport
  /** Something arrives, and none of it can be read. */
  readonly isUnreadable: boolean
}

/** The page before the first metric: where to send, what to send, and what has arrived so far. */
export function FirstSteps({ live, status, isUnreadable }: FirstStepsProps) {
  const groups = groupAddresses(status.addresses)
  const { packets, lines } = status
  return (
    <div className="first-steps">
      <section className="first-hear" aria-labelledby="first-hear-title">
        <p className={isUnreadable ? 'eyebrow eyebrow-amber' : 'eyebrow'}>
          {isUnreadable ? 'Something arrives' : 'Listening'}
        </p>
        <h2 id="first-hear-title" className="first-title">
          {isUnreadable ? 'None of it can be read yet' : 'Waiting for your first metric'}
        </h2>
        <p className="first-lead">
          {isUnreadable
            ? 'Kymo hears you. As soon as one line has the form it expects, the graph appears here.'
            : 'Send one line. Its graph appears here by itself, with nothing to set up.'}
        </p>
        <div className="intake">
          <IntakeTrace samples={live.intake} isAmber={isUnreadable} />
          <dl className="intake-counts">
            <Count name={packets.received === 1 ? 'packet' : 'packets'} value={packets.received} />
            <Count name={lines.received === 1 ? 'line' : 'lines'} value={lines.received} />
            <Count name="accepted" value={lines.accepted} isAmber={isUnreadable} />
          </dl>
        </div>
        {isUnreadable && (
          <Notice tone="amber" title={describeUnreadable(status)}>
            {live.lastRejection !== null && <Rejection rejection={live.lastRejection} />}
            <p>
              Kymo expects <code>name:value|type</code>, such as <code>hello:1|c</code>.
            </p>
          </Notice>
        )}
        {packets.droppedByKernel > 0 && (
          <Notice
            tone="amber"
            title={`${formatCount(packets.droppedByKernel)} packets were dropped by the kernel`}
          >
            They came faster than they were read, or the receive buffer is small.
          </Notice>
        )}
        <ListenTable groups={groups} />
      </section>
      <section className="first-send" aria-labelledby="first-send-title">
        <h2 id="first-send-title" className="section-title">
          Send one
        </h2>
        <SnippetTabs snippets={createSnippets(status.addresses, location.hostname)} />
        <details className="aside">
          <summary>Nothing arrives?</summary>
          <p>
            UDP gives no error: a line sent to the wrong place is gone without a word. Compare host and port
            with the list of addresses, and look at the packet count while you send. If it stays at 0, the
            packet has not reached this machine
            {groups.some((group) => group.isOpen)
              ? ''
              : ': Kymo listens for this machine only, until it is started with --listen'}
            .
          </p>
        </details>
      </section>
    </div>
  )
}

function Count({ name, value, isAmber = false }: { name: string; value: number; isAmber?: boolean }) {
  return (
    <div className={isAmber ? 'intake-count intake-amber' : 'intake-count'}>
      <dd>{formatCount(value)}</dd>
      <dt>{name}</dt>
    </div>
  )
}

function describeUnreadable({ packets, lines }: StatusReport): string {
  const packetText = packets.received === 1 ? '1 packet' : `${formatCount(packets.received)} packets`
  if (lines.received === 0) return `${packetText}, and no line in ${packets.received === 1 ? 'it' : 'them'}`
  const lineText = lines.received === 1 ? '1 line' : `${formatCount(lines.received)} lines`
  return packets.received === 0 ? `${lineText}, 0 accepted` : `${packetText} with ${lineText}, 0 accepted`
}
