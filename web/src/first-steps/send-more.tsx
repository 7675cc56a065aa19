import { groupAddresses } from '../addresses.ts'
import type { StatusReport } from '../api.ts'
import { createSnippets } from '../snippets.ts'
import { ListenTable } from './listen-table.tsx'
import { SnippetTabs } from './snippet-tabs.tsx'

/** Addresses and snippets once more, for the second metric. */
export function SendMore({ status }: { readonly status: StatusReport }) {
  return (
    <details className="send-more">
      <summary>How to send more</summary>
      <div className="send-more-body">
        <ListenTable groups={groupAddresses(status.addresses)} />
        <SnippetTabs snippets={createSnippets(status.addresses, location.hostname)} />
      </div>
    </details>
  )
}
