import * as z from 'zod'
import { checkDashboard } from '../../dashboards/dashboard.ts'
import { importDashboard } from '../../dashboards/import-dashboard.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { readDocument } from '../read-document.ts'
import { answerJson, type Route } from '../route.ts'
import {
  dashboardListing,
  deletedDashboard,
  importedDashboard,
  storedDashboard,
} from '../schemas/dashboard-answers.ts'

const byId = z.object({ id: z.string().describe('The name of its file, without `.json`.') })
const json = ['application/json']

export const dashboardList: Route = {
  methods: ['GET'],
  url: '/api/dashboards',
  scope: 'read',
  summary: 'The dashboards that were saved.',
  answer: {
    schema: dashboardListing,
    contentTypes: json,
    description:
      '`{"dashboards": [{"id", "title", "panels", "revision"}], "damaged": [{"file", "problem"}], "unread"}`: by id; files that are no dashboards, with the reason; and how many files past the first 1,000 were not looked at.',
  },
  errors: ['dashboards-unreadable'],
  handler:
    ({ services }) =>
    async () =>
      answerJson(await services.dashboards.list()),
}

export const dashboardGet: Route = {
  methods: ['GET'],
  url: '/api/dashboards/:id',
  scope: 'read',
  summary: 'One dashboard.',
  pathParameters: byId,
  answer: {
    schema: storedDashboard,
    contentTypes: json,
    description: '`{"id", "revision", "dashboard"}`; `dashboard` is what its file holds.',
  },
  errors: ['dashboard-unknown', 'dashboard-id-invalid', 'dashboard-damaged', 'dashboards-unreadable'],
  handler:
    ({ services }) =>
    async ({ pathParameters: { id = '' } }) =>
      answerJson(await services.dashboards.get(id)),
}

const saving = z.strictObject({
  dashboard: z.record(z.string(), z.unknown()).describe('As docs/guide/dashboards.md describes it.'),
  revision: z
    .string()
    .max(100)
    .nullable()
    .describe('That of the dashboard which this one takes the place of; null: there is none yet.'),
})

export const dashboardSave: Route = {
  methods: ['POST'],
  url: '/api/dashboards/:id',
  scope: 'write',
  summary: 'Saves a dashboard, unless somebody else has changed it.',
  description:
    'Where the revision is not that of the file any more, the answer is 409 `dashboard-changed`, and nothing is written.',
  pathParameters: byId,
  body: saving,
  answer: {
    schema: storedDashboard,
    contentTypes: json,
    description: '`{"id", "revision", "dashboard"}`, once the file is safe.',
  },
  errors: [
    'dashboard-id-invalid',
    'dashboard-invalid',
    'dashboard-unknown',
    'dashboard-changed',
    'dashboards-unreadable',
    'dashboards-unwritable',
  ],
  handler:
    ({ services }) =>
    async ({ pathParameters: { id = '' }, body }) => {
      const data = readDocument(saving, body, '`dashboard` and `revision`.')
      const checked = checkDashboard(data.dashboard)
      if ('problem' in checked) throw new KymoError('dashboard-invalid', { problem: checked.problem })
      return answerJson(await services.dashboards.save(id, checked.dashboard, data.revision))
    },
}

const deletion = z.strictObject({
  revision: z.string().max(100).describe('That of the dashboard which is to go.'),
})

export const dashboardDelete: Route = {
  methods: ['POST'],
  url: '/api/dashboards/:id/delete',
  scope: 'write',
  summary: 'Deletes a dashboard, unless somebody else has changed it.',
  pathParameters: byId,
  body: deletion,
  answer: { schema: deletedDashboard, contentTypes: json, description: '`{"id"}`.' },
  errors: [
    'dashboard-id-invalid',
    'dashboard-unknown',
    'dashboard-changed',
    'dashboards-unreadable',
    'dashboards-unwritable',
  ],
  handler:
    ({ services }) =>
    async ({ pathParameters: { id = '' }, body }) => {
      const data = readDocument(deletion, body, '`revision`.')
      await services.dashboards.delete(id, data.revision)
      return answerJson({ id })
    },
}

const importing = z.strictObject({
  document: z
    .record(z.string(), z.unknown())
    .describe('A dashboard of Grafana or Graphite, as they export it.'),
})

export const dashboardImport: Route = {
  methods: ['POST'],
  url: '/api/dashboard-import',
  scope: 'write',
  summary: 'What a dashboard of Grafana or Graphite is here. Saves nothing.',
  body: importing,
  answer: {
    schema: importedDashboard,
    contentTypes: json,
    description:
      '`{"kind", "id", "dashboard", "notTaken": [{"where", "what", "why"}]}`: a dashboard that can be saved, an id for it, and all that could not be taken.',
  },
  errors: ['dashboard-invalid'],
  handler:
    () =>
    ({ body }) => {
      const data = readDocument(importing, body, '`document`.')
      return answerJson(importDashboard(data.document))
    },
}
