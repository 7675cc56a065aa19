import type { Dashboard, Panel } from './board-api.ts'

/** A target with the values that are chosen in place of `$name` and `${name}`. */
export function fillVariables(target: string, values: ReadonlyMap<string, string>): string {
  return target.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    return values.get(braced ?? plain ?? '') ?? whole
  })
}

/** What is chosen: as the address says (`host=web1`), and otherwise as the file does. */
export function valuesOf(dashboard: Dashboard, chosen: readonly string[]): ReadonlyMap<string, string> {
  const said = new Map(chosen.map((text) => [text.replace(/=.*$/s, ''), text.replace(/^[^=]*=?/, '')]))
  return new Map(dashboard.variables.map(({ name, value }) => [name, said.get(name) ?? value]))
}

/** Of what a panel is the picture. */
export function panelTargets(panel: Panel, values: ReadonlyMap<string, string>): string[] {
  const filled = panel.targets.map((target) => fillVariables(target, values))
  return panel.draw === 'stacked' && filled.length > 0 ? [`stacked(group(${filled.join(',')}))`] : filled
}
