/** What was measured did not do its work right. It ends the benchmark with 1; being slow never does. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer'
}

export function expectEqual(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new WrongAnswer(`${what}: ${found} and not ${wanted}`)
}
