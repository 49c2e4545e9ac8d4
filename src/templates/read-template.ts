import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot, runsFromBundle } from '../shared/package-root.ts'

export type TemplateName =
  | 'haup.yaml'
  | 'haup.service'
  | 'completion.bash'
  | 'completion.zsh'
  | 'haup-health.nginx.conf'
  | 'haup-health.apache.conf'
  | 'haup-upstream.conf'
  | '60-haup.conf'

/** Where the templates are: beside the sources, or where the build copies them. */
export const templateDirectory = (): string => join(packageRoot(), runsFromBundle() ? 'dist' : 'src', 'templates')

/** The text of a template; throws when it is not there, which is a broken installation. */
export const readTemplate = (name: TemplateName): Promise<string> =>
  readFile(join(templateDirectory(), `${name}.hbs`), 'utf8')
