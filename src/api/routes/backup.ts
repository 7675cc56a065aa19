import { isAbsolute } from 'node:path'
import * as z from 'zod'
import { readDocument } from '../read-document.ts'
import { answerJson, type Route } from '../route.ts'
import { backupReport } from '../schemas/store-answers.ts'
import { STORE_ERRORS } from '../route-errors.ts'

const wanted = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4_096)
    .refine((path) => isAbsolute(path) && !path.includes('\0'), { error: 'an absolute path is wanted' })
    .describe('Absolute path of a directory on the machine of Kymo that is empty or not there yet.'),
})

export const backup: Route = {
  methods: ['POST'],
  url: '/api/backup',
  scope: 'admin',
  summary: 'Makes a backup of all points and events, while Kymo goes on.',
  description:
    '`kymo backup` asks here. On the file system of the data, files are linked and take no space; on another they are copied. What was flushed before is in the backup. ' +
    'A directory that cannot be had is answered with 422 `backup-refused`.',
  body: wanted,
  answer: {
    schema: backupReport,
    contentTypes: ['application/json'],
    description: '`{"path", "files", "bytes", "linked"}`, once the backup survives a power cut',
  },
  errors: [...STORE_ERRORS, 'backup-refused'],
  handler:
    ({ services }) =>
    async ({ body }) => {
      const data = readDocument(wanted, body, '`path`, an absolute path')
      const { isLinked, ...report } = await services.store.backUp(data.path)
      return answerJson({ ...report, linked: isLinked })
    },
}
