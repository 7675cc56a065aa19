import { isTyping } from './is-typing.ts'
import { useDialog } from './use-dialog.ts'

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['Ctrl K', 'Find a page, a dashboard or a metric'],
  ['/', 'Search the metrics of the first page'],
  ['?', 'These keys'],
  ['[  ]', 'Earlier, later'],
  ['-', 'Zoom out'],
  ['t', 'Type a time range'],
  ['l', 'Back to now'],
  ['z', 'Choose the time zone'],
  ['d', 'Dark, light, or as the system has it'],
  ['Tab', 'In a target: take the completion'],
  ['Enter', 'In a target: draw it'],
  ['Ctrl Space', 'In a target: complete'],
]

/** `?` says which keys there are. */
export function KeyHelp() {
  const dialogRef = useDialog((event) => event.key === '?' && !isTyping(event.target))
  return (
    <dialog
      ref={dialogRef}
      className="dialog"
      aria-label="Keys"
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div className="dialog-body">
        <h2 className="dialog-title">Keys</h2>
        <dl className="keys">
          {KEYS.map(([keys, does]) => (
            <div key={keys}>
              <dt>
                {keys.split(/\s+/).map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
          <div>
            <dt>drag</dt>
            <dd>On a graph: zoom in. A double click zooms out.</dd>
          </div>
        </dl>
      </div>
    </dialog>
  )
}
