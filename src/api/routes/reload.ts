import { answerJson, type Route } from '../route.ts'
import { reloadReport } from '../schemas/store-answers.ts'

export const reload: Route = {
  methods: ['POST'],
  url: '/api/reload',
  scope: 'admin',
  summary: 'Reads the configuration again and changes what has changed, as SIGHUP does.',
  description:
    'A configuration that is wrong changes nothing, and is answered with what `kymo check-config` says of it: 422 `config-invalid`, `config-unreadable` or `http-open-without-credentials`.',
  answer: {
    schema: reloadReport,
    contentTypes: ['application/json'],
    description:
      '`{"changed": [...], "needs_restart": [...], "warnings": [...], "rules": null}`: options as they are named in kymo.yaml, those that are different from now on and those that will be after the next start. Where series are kept by other rules, `rules` says what that does to them, as `/api/rules` does',
  },
  errors: [
    'config-invalid',
    'config-unreadable',
    'rules-invalid',
    'rules-unreadable',
    'reload-exhausted',
    'http-open-without-credentials',
    'not-ready',
  ],
  handler:
    ({ services }) =>
    async () => {
      const { changed, needRestart, warnings, rules } = await services.reload()
      return answerJson({ changed, needs_restart: needRestart, warnings, rules })
    },
}
