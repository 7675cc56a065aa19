/** What a backup has become. */
export interface BackupReport {
  readonly path: string
  readonly files: number
  readonly bytes: number
  /** Files of the store and of the backup are the same on the disk: it took no space. */
  readonly isLinked: boolean
}
