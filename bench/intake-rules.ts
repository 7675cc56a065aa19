// What intake rules cost per sample: without rules, for names seen before, and for new ones. Prints one line of JSON. Run with
// `node bench/intake-rules.ts [names] [rules]`; it checks its own answers.
import { createIntakeRules, createSeriesLimits, type IntakeRules } from '../src/admission/index.ts'
import { intakeRulesOptions } from '../src/admission/options.ts'

const nameCount = Number(process.argv[2] ?? 10_000)
const ruleCount = Number(process.argv[3] ?? 20)
const ROUNDS = 21
const FLOOD = 1_000_000

// Decoders make a new string for each sample, whose hash is not known yet: so do these.
const bytes = Array.from({ length: nameCount }, (_, index) => Buffer.from(nameAt(index), 'latin1'))
const options = intakeRulesOptions.parse([
  ...Array.from({ length: ruleCount - 3 }, (_, index) => ({ exclude: `noise${index}.*.{a,b}.**` })),
  { rename: 'servers.*.cpu.*', to: 'cpu.$2.$1' },
  { match: 'servers.*.disk.**', add_tags: { host: '$1' } },
  { exclude: '**.debug' },
])
const rules = createIntakeRules(options)
const none = createIntakeRules([])

const admit: Admit = (subject, key) => subject.admit(key, 'counter')?.length ?? 0
const decodeNs = measure(
  () => none,
  (_, key) => key.length,
)
const noRulesNs = measure(() => none, admit)
const knownNs = measure(() => rules, admit)
const newNs = measure(() => createIntakeRules(options), admit)
check()

const limits = createSeriesLimits({ series: 1_000_000, prefixes: [{ prefix: 'api', series: 10_000 }] })
const floodStart = performance.now()
for (let index = 0; index < FLOOD; index++) limits.admit(`api.user${index % 977}.${index}`, 'counter')
const floodNs = ((performance.now() - floodStart) * 1e6) / FLOOD
if (limits.covering('api.x')[0]?.held !== 10_000) throw new Error('the limit did not hold')
const refused = limits.offenders().reduce((sum, offender) => sum + offender.refused, 0)
if (refused !== FLOOD - 10_000) throw new Error(`${refused} were refused`)

console.log(
  JSON.stringify({
    names: nameCount,
    rules: ruleCount,
    decodeNs: round(decodeNs),
    withoutRulesNs: round(noRulesNs - decodeNs),
    knownNameNs: round(knownNs - decodeNs),
    newNameNs: round(newNs - decodeNs),
    newToKnownRatio: round((newNs - decodeNs) / (knownNs - decodeNs)),
    floodedLimitNs: round(floodNs),
  }),
)

type Admit = (rules: IntakeRules, key: string) => number

/** The median round: others use this machine too. */
function measure(subject: () => IntakeRules, action: Admit): number {
  for (let warmUp = 0; warmUp < 3; warmUp++) timePerName(subject(), action)
  const rounds = Array.from({ length: ROUNDS }, () => timePerName(subject(), action))
  return rounds.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0
}

function timePerName(subject: IntakeRules, action: Admit): number {
  let characters = 0
  const start = performance.now()
  for (const name of bytes) characters += action(subject, name.toString('latin1'))
  const elapsedNs = (performance.now() - start) * 1e6
  if (characters === 0) throw new Error('nothing was let in')
  return elapsedNs / nameCount
}

function nameAt(index: number): string {
  const kind = ['cpu.load', 'disk.sda.reads', 'net.eth0.debug', 'memory.free'][index % 4]
  return `servers.web${index}.${kind}`
}

function check(): void {
  const wanted = [
    ['servers.web0.cpu.load', 'cpu.load.web0'],
    ['servers.web1.disk.sda.reads', 'servers.web1.disk.sda.reads;host=web1'],
    ['servers.web2.net.eth0.debug', undefined],
    ['servers.web3.memory.free', 'servers.web3.memory.free'],
  ] as const
  for (const [key, admitted] of wanted) {
    const found = rules.admit(key, 'counter')
    if (found !== admitted) throw new Error(`${key} came to ${found}`)
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
