import { formatEventTag, parseEventTag } from '../../../model/event-tag.ts'
import { MAX_FOUND_EVENTS, MAX_QUERY_TAGS } from '../../../store/events.ts'
import { createSeries } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { atLeastOne, text } from '../parameters.ts'

export const events = defineFunction({
  name: 'events',
  group: 'Special',
  description:
    'How many events there were in each second, null where there were none: those that have all of the tags, or, with "*", all events. Drawn with drawAsInfinite, each is a line.',
  example: 'drawAsInfinite(events("deploy", "env:prod"))',
  params: { tags: atLeastOne(text()) },
  stepSeconds: () => 1,
  async evaluate({ tags }, call) {
    if (tags.length > MAX_QUERY_TAGS) return call.fail(`it takes at most ${MAX_QUERY_TAGS} tags`)
    const { fromSeconds: startSeconds, untilSeconds: endSeconds } = call.window
    const count = Math.max(0, endSeconds - startSeconds)
    call.reserve(count)
    const times = await call.findEventTimes({
      startMs: startSeconds * 1000,
      endMs: endSeconds * 1000,
      tags: tags.length === 1 && tags[0] === '*' ? [] : tags.map((tag) => formatEventTag(parseEventTag(tag))),
      setOperation: 'intersection',
      limit: MAX_FOUND_EVENTS,
    })
    if (times.length === MAX_FOUND_EVENTS) {
      return call.fail(
        `there are ${MAX_FOUND_EVENTS} events or more; ask for a shorter range, or for more tags`,
      )
    }
    const values = new Float64Array(count).fill(Number.NaN)
    for (const timeMs of times) {
      const second = Math.floor(timeMs / 1000) - startSeconds
      const before = values[second] as number
      values[second] = Number.isNaN(before) ? 1 : before + 1
    }
    const name = `events(${tags.map((tag) => `"${tag}"`).join(', ')})`
    const xFilesFactor = call.xFilesFactor ?? 0
    return [
      createSeries({
        name,
        startSeconds,
        endSeconds,
        stepSeconds: 1,
        values,
        consolidation: 'sum',
        xFilesFactor,
      }),
    ]
  },
})
