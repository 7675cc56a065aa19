import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChildIndex, NONE } from './child-index.ts'

test('while it grows, children are found, also those of which others have gone', () => {
  const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.nat(700)), { maxLength: 8 })
  fc.assert(
    fc.property(runs, (changes) => {
      const index = new ChildIndex(0)
      /** By node: parent and name. */
      const plain = new Map<number, readonly [parent: number, name: number]>()
      let next = 1
      for (const [added, removed] of changes) {
        for (let left = added; left > 0; left--, next++) {
          // As in a tree: few names, many parents, or one parent with many names.
          const [parent, name] = next % 3 === 0 ? [0, next] : [next, next % 7]
          index.enter(next, parent, name)
          plain.set(next, [parent, name])
        }
        for (const node of [...plain.keys()].filter((one) => one % 5 !== removed % 5).slice(0, removed)) {
          index.leave(node)
          plain.delete(node)
        }
        const wrong: number[] = []
        for (let node = 1; node < next; node++) {
          const [parent, name] = node % 3 === 0 ? [0, node] : [node, node % 7]
          if (index.childOf(parent, name) !== (plain.has(node) ? node : NONE)) wrong.push(node)
        }
        expect(wrong).toEqual([])
      }
      expect(index.size).toBe(plain.size)
    }),
    { numRuns: 40 },
  )
})
