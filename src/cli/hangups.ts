import type { EventEmitter } from 'node:events'

export interface Hangups {
  /** Calls `action` for each from now on, and once for those that came before. */
  listen(action: () => void): void
}

/** Takes SIGHUP, which would end the process otherwise. `source` is the process. */
export function takeHangups(source: Pick<EventEmitter, 'on'> = process): Hangups {
  let hasCome = false
  let act = (): void => {
    hasCome = true
  }
  source.on('SIGHUP', () => act())
  return {
    listen(action) {
      act = action
      if (hasCome) action()
    },
  }
}
