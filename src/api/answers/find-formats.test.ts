import { expect, test } from 'vitest'
import { type FindRow, toTree } from './find-formats.ts'

function treeOf(rows: readonly FindRow[], hasWildcardRow = false): unknown {
  return JSON.parse(toTree(rows, { basePath: 'a.*.', hasWildcardRow, position: -1, intervals: new Map() }))
}

const row = (path: string, isLeaf: boolean): FindRow => ({ path, name: path.split('.').at(-1) ?? '', isLeaf })

test('the star opens where any node of a name does, also one that is left out for a leaf', () => {
  expect(treeOf([row('a.b.x', true), row('a.c.x', false)], true)).toMatchObject([
    { text: '*', leaf: 0, expandable: 1 },
    { text: 'x', leaf: 1, expandable: 0 },
  ])
  expect(treeOf([row('a.b.x', true), row('a.b.y', true)], true)).toMatchObject([
    { text: '*', leaf: 1, expandable: 0 },
    { text: 'x' },
    { text: 'y' },
  ])
})

test('any name is itself, and in the id', () => {
  const names = ['plain-1', 'a"b', 'back\\slash', 'ключ', '\u2028', '\u0000', '<b>', '\ud800']
  const tree = treeOf(names.map((name) => ({ path: `a.b.${name}`, name, isLeaf: true })))
  expect(tree).toEqual(
    names.map((name) => ({
      text: name,
      id: `a.*.${name}`,
      allowChildren: 0,
      expandable: 0,
      leaf: 1,
      context: {},
    })),
  )
})

test('nothing is an empty list', () => {
  expect(treeOf([], true)).toEqual([])
})
