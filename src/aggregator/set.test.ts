import { expect, test } from 'vitest'
import { decodePartial } from '../formats/partial-aggregate/decode.ts'
import { encodePartial } from '../formats/partial-aggregate/encode.ts'
import type { PartialAggregate } from '../model/partial-aggregate.ts'
import { setRegistersAt } from '../model/set-registers.ts'
import { PartialBuilder } from './partial-builder.ts'
import { SetMetric } from './set.ts'

const newSet = (exactMembers: number) => new SetMetric(exactMembers)
const flushed = (set: SetMetric) => set.takeCount()

function saved(set: SetMetric): PartialAggregate {
  const builder = new PartialBuilder()
  set.save(1, builder)
  return decodePartial(encodePartial(builder.build(0)))
}

function addUsers(set: SetMetric, count: number, first = 0): void {
  for (let i = first; i < first + count; i++) set.add(`user-${i}`)
}

test('as many members as the bound says are exact; more are counted to 2 %, as a whole number', () => {
  const set = newSet(500)
  for (let round = 0; round < 3; round++) addUsers(set, 500)
  expect(saved(set).setRegisters.ids).toHaveLength(0)
  expect(flushed(set)).toBe(500)

  addUsers(set, 30_000)
  addUsers(set, 30_000)
  const count = flushed(set)
  expect(Math.abs(count / 30_000 - 1)).toBeLessThan(0.02)
  expect(Number.isInteger(count)).toBe(true)
})

test('the next interval is exact again', () => {
  const set = newSet(5)
  addUsers(set, 1_000)
  flushed(set)
  addUsers(set, 5)
  expect(flushed(set)).toBe(5)
  expect(flushed(set)).toBe(0)
})

test('members and registers of one metric come together in any order', () => {
  const [whole, few, many] = [newSet(100), newSet(100), newSet(100)]
  addUsers(whole, 2_050)
  addUsers(few, 80, 1_970)
  addUsers(many, 2_000)
  const { sets } = saved(few)
  const registers = setRegistersAt(saved(many).setRegisters, 0)
  expect(sets.members).toHaveLength(80)
  const [first, last] = [newSet(100), newSet(100)]
  for (const member of sets.members) first.add(member)
  first.mergeRegisters(registers)
  last.mergeRegisters(registers)
  for (const member of sets.members) last.add(member)
  const wanted = flushed(whole)
  expect([flushed(first), flushed(last)]).toEqual([wanted, wanted])
})
