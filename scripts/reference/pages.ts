import { renderApiReference } from '../../src/api/api-reference.ts'
import { ROUTES } from '../../src/api/routes/index.ts'
import { renderCliPage } from './cli-page.ts'
import { renderConfigPage } from './config-page.ts'
import { renderConfigSchema } from './config-schema.ts'
import { renderErrorsPage } from './errors-page.ts'
import { renderFunctionsPage } from './functions-page.ts'
import { renderOwnMetricsPage } from './own-metrics-page.ts'
import { renderSinksPage } from './sinks-page.ts'

/** Every generated file, by its path from the root of the repository. */
export const REFERENCE_PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/config.md': renderConfigPage,
  'docs/reference/config.schema.json': renderConfigSchema,
  'docs/reference/api.md': () => renderApiReference(ROUTES),
  'docs/reference/cli.md': renderCliPage,
  'docs/reference/errors.md': renderErrorsPage,
  'docs/reference/functions.md': renderFunctionsPage,
  'docs/reference/own-metrics.md': renderOwnMetricsPage,
  'docs/reference/sinks.md': renderSinksPage,
}
