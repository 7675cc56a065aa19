import { port, RELOADABLE, toggle } from '../lib/option.ts'

/** The options of the section `admin`. */
export const adminOptions = {
  port: port('Port for the management console, TCP. 0 asks for a free one.', 8126),
  writable: toggle(
    'Let the console delete metrics: `delcounters`, `deltimers` and `delgauges`. Whoever is on this machine may then do so.',
    false,
  ).meta(RELOADABLE),
}
