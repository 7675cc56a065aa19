/** A process that receives datagrams and is measured. Disposing of it ends it. */
export interface Server extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** UDP, on 127.0.0.1. */
  readonly port: number
  /** What it says itself that it did since it started, where it says so. */
  counts?(): Promise<ServerCounts>
}

export interface ServerCounts {
  readonly receivedDatagrams: number
  readonly droppedDatagrams: number
  readonly acceptedLines: number
  readonly rejectedLines: number
  readonly flushes: number
}
