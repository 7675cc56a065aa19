import { defineFunction } from '../graphite-function.ts'
import { integer, optional, seriesList } from '../parameters.ts'

export const aliasByBase64 = defineFunction({
  name: 'aliasByBase64',
  group: 'Alias',
  description:
    'Names that are Base64 become the text that they stand for; with nodeNum, counted from 1, only that node of the name. What is no Base64 stays as it is.',
  example: 'aliasByBase64(users.*.logins, 2)',
  params: { seriesList: seriesList(), nodeNum: optional(integer()) },
  evaluate: ({ seriesList: series, nodeNum }) =>
    series.map((one) => {
      if (nodeNum === undefined) return { ...one, name: decode(one.name) ?? one.name }
      const nodes = String(one.tags.name ?? one.name).split('.')
      const decoded = decode(nodes[nodeNum - 1] ?? '')
      if (decoded === undefined) return one
      return { ...one, name: nodes.with(nodeNum - 1, decoded).join('.') }
    }),
})

/** undefined: it is no Base64, or no text. */
function decode(text: string): string | undefined {
  if (text === '' || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    return undefined
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'))
  } catch {
    return undefined
  }
}
