/** A section of a file of rules, in the order of the file. */
export interface IniSection {
  readonly name: string
  /** 1 for the first line of the file. */
  readonly line: number
  /** By their names in lower case. */
  readonly options: ReadonlyMap<string, IniOption>
  /** What the section does not say itself. */
  readonly defaults: ReadonlyMap<string, IniOption>
}

export interface IniOption {
  readonly value: string
  readonly line: number
}

export interface IniProblem {
  readonly line: number
  readonly text: string
}

/**
 * Reads what Python's ConfigParser reads, as carbon uses it: `[section]`, `name = value` or `name: value`, comments that fill their line,
 * values that go on in lines further in. A `#` behind a value is part of it. What that parser refuses is refused: sections
 * and options that come twice, lines that are neither.
 */
export function parseIni(text: string): { sections: readonly IniSection[]; problems: readonly IniProblem[] } {
  const sections = new Map<string, SectionUnderWay>()
  const problems: IniProblem[] = []
  let section: SectionUnderWay | undefined
  let open: { lines: string[]; line: number } | undefined
  let indent = 0

  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = index + 1
    const content = raw.trim()
    if (content.startsWith('#') || content.startsWith(';')) continue
    if (content === '') {
      open?.lines.push('')
      continue
    }
    const ownIndent = raw.length - raw.trimStart().length
    if (open !== undefined && ownIndent > indent) {
      open.lines.push(content)
      continue
    }
    indent = ownIndent
    open = undefined
    if (content.startsWith('[')) {
      const name = /^\[(.+)\]$/.exec(content)?.[1]
      if (name === undefined)
        problems.push({ line, text: 'a section is its name in brackets, and nothing else in its line' })
      const earlier = sections.get(name ?? '')
      if (earlier !== undefined)
        problems.push({ line, text: `the section is there twice: the first is in line ${earlier.line}` })
      section = { name: name ?? '', line, options: new Map() }
      // What stands below a broken name is no rule, and no second problem.
      if (name !== undefined && earlier === undefined) sections.set(name, section)
      continue
    }
    const [, option = '', value = ''] = /^(.*?)\s*[=:]\s*(.*)$/.exec(content) ?? []
    if (section === undefined)
      problems.push({ line, text: 'a section has to begin before this line, as in [default]' })
    else if (option === '') problems.push({ line, text: 'the line is neither a section nor `name = value`' })
    const name = option.toLowerCase()
    const earlier = section?.options.get(name)
    if (option !== '' && earlier !== undefined)
      problems.push({ line, text: `\`${name}\` is there twice: the first is in line ${earlier.line}` })
    open = { lines: [value], line }
    section?.options.set(name, open)
  }
  const defaults = finish(sections.get(DEFAULTS))
  return {
    sections: [...sections.values()].map((read) => ({ ...read, options: finish(read), defaults })),
    problems,
  }
}

interface SectionUnderWay {
  readonly name: string
  readonly line: number
  readonly options: Map<string, { readonly lines: string[]; readonly line: number }>
}

/** Python's: what stands in it holds for every section that does not say it. */
const DEFAULTS = 'DEFAULT'

function finish(section: SectionUnderWay | undefined): ReadonlyMap<string, IniOption> {
  return new Map(
    [...(section?.options ?? [])].map(([option, { lines, line }]): [string, IniOption] => [
      option,
      { value: lines.join('\n').trim().replaceAll('%%', '%'), line },
    ]),
  )
}
