import { type ComponentType, lazy, type LazyExoticComponent } from 'react'
import { fetchStatus } from './api.ts'
import { browserClock, type PageClock } from './browser-clock.ts'

const AGAIN_MS = 2_000

/** A part of the page that is loaded when it is first shown. While Kymo is away it is waited for. */
export function lazyPart<Props>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => ({ default: await loadPatiently(load, BROWSER) }))
}

export interface Surroundings {
  readonly clock: Pick<PageClock, 'after'>
  readonly isKymoThere: () => Promise<boolean>
  readonly reload: () => void
}

const BROWSER: Surroundings = {
  clock: browserClock,
  isKymoThere: () =>
    fetchStatus(new AbortController().signal).then(
      () => true,
      () => false,
    ),
  reload: () => location.reload(),
}

/**
 * Loads until it succeeds. What cannot be loaded twice although Kymo answers is of another version, or the browser keeps the failure: the page is
 * loaded anew, for all of what it shows is in its address.
 */
export async function loadPatiently<Part>(
  load: () => Promise<Part>,
  { clock, isKymoThere, reload }: Surroundings,
): Promise<Part> {
  let inVain = 0
  for (;;) {
    try {
      return await load()
    } catch {
      if (await isKymoThere()) inVain++
      if (inVain === 2) reload()
      await new Promise<void>((resolve) => clock.after(AGAIN_MS, resolve))
    }
  }
}
