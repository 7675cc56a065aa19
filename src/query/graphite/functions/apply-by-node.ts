import { defineFunction } from '../graphite-function.ts'
import { node, optional, seriesList, text } from '../parameters.ts'

export const applyByNode = defineFunction({
  name: 'applyByNode',
  group: 'Combine',
  description:
    'Takes the beginnings of the names, up to and including the node nodeNum (counted from 0), and evaluates the template for each of them, in order, with the beginning in the place of %. In newName % stands for it too.',
  example:
    'applyByNode(servers.*.disk.free, 1, "divideSeries(%.disk.free, sumSeries(%.disk.*))", "%.disk.share")',
  params: {
    seriesList: seriesList(),
    nodeNum: node(),
    templateFunction: text(),
    newName: optional(text()),
  },
  async evaluate({ seriesList: series, nodeNum, templateFunction, newName }, call) {
    const last = series.at(-1)
    if (last === undefined) return []
    const prefixes = [...new Set(series.map(({ name }) => beginning(name, nodeNum)))].sort()
    const targets = prefixes.map((prefix) => templateFunction.replaceAll('%', () => prefix))
    const results = await call.evaluateTargets(targets)
    const { startSeconds, endSeconds } = last
    return results.flatMap((found, index) => {
      const prefix = prefixes[index] ?? ''
      return found.map((one) => ({
        ...one,
        name: newName === undefined ? one.name : newName.replaceAll('%', () => prefix),
        pathExpression: prefix,
        startSeconds,
        endSeconds,
      }))
    })
  },
})

/** Of a negative node, as in Graphite: all nodes but so many at the end. */
function beginning(name: string, lastNode: number): string {
  const end = lastNode + 1
  return name.split('.').slice(0, end).join('.')
}
