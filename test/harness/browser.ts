import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** undefined: there is none, and what needs it is skipped by name. */
export const CHROMIUM: string | undefined = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path))

/** Behind the name of a test that needs it. */
export const WITHOUT_CHROMIUM: string = CHROMIUM === undefined ? ' (skipped: no chromium)' : ''

/** A Chromium that asks nothing of anybody by itself. */
export function launchChromium(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('BUG: there is no Chromium to launch')
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
