import * as z from 'zod'

/** A parameter as it arrives: a list of text, because any of them can be repeated. */
export function parameter(description: string) {
  return z.array(z.string()).optional().describe(description)
}

/** The time range that Graphite's routes share. */
export const timeRangeParameters = {
  from: parameter('Start of the time range, exclusive: epoch seconds, or a time like `-1h`. Default: `-1d`.'),
  until: parameter('End of the time range, inclusive. Default: `now`.'),
  tz: parameter('Time zone in which dates are read and printed, as an IANA name. An unknown one is ignored.'),
  now: parameter('The moment that relative times refer to. For tests.'),
}

/** How JSON is wrapped. */
export const jsonParameters = {
  pretty: parameter('`1`: indent the JSON.'),
  jsonp: parameter('Answer with a call of this function. Pages of other servers may not.'),
}

/** Of the routes that are about tags. */
export function expressions(description: string) {
  return parameter(
    `Tag expressions, each a parameter: \`env=prod\`, \`env!=prod\`, \`host=~web[0-9]\`, \`host!=~web[0-9]\`. ${description}`,
  )
}

export const completionLimit = parameter('The most answers. Default: 100.')

export const tagListParameters = {
  filter: parameter('A regular expression of the RE2 kind, anchored where the text begins.'),
  limit: parameter('The most answers.'),
}
