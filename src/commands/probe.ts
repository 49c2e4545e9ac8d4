import { string } from '@oclif/core/flags'
import { BaseCommand, type JsonObject } from '../cli/base-command.ts'
import { stdoutPaint } from '../cli/output.ts'
import { renderProbes } from '../cli/render-probe.ts'
import { runProbes } from '../cli/services/probe.ts'
import { DEFAULT_CONFIG } from '../control/messages.ts'
import { toMillis } from '../shared/units.ts'

export default class ProbeCommand extends BaseCommand {
  static override summary = 'Run the probes once, without the engine, and show verdict, time and reason'
  static override description =
    'Runs the probes of the configuration, or those that are given: --tcp and --http may be repeated. Exit codes: 0 ' +
    'all probes are good, 3 one is not.'
  static override examples = [
    '<%= config.bin %> probe --service nginx',
    '<%= config.bin %> probe --tcp 127.0.0.1:80 --http http://127.0.0.1/healthz --status 200 --timeout 500ms',
  ]
  static override flags = {
    config: string({ description: 'configuration file', default: DEFAULT_CONFIG, helpValue: 'FILE' }),
    service: string({ description: 'only the probes of this service', exclusive: ['tcp', 'http'], helpValue: 'NAME' }),
    tcp: string({ description: 'try a TCP connection', multiple: true, helpValue: 'HOST:PORT' }),
    http: string({ description: 'try an HTTP request', multiple: true, helpValue: 'URL' }),
    status: string({
      description: 'status codes that are good for --http, such as 200 or 200-399',
      multiple: true,
      delimiter: ',',
      dependsOn: ['http'],
      helpValue: 'CODES',
    }),
    timeout: string({ description: 'how long a probe may take', helpValue: 'DURATION' }),
  }

  override async run(): Promise<JsonObject> {
    const { flags } = await this.parse(ProbeCommand)
    const { config: configFile, service, tcp = [], http = [], status = [], timeout } = flags
    const { rounds, exitCode } = await runProbes({ configFile, service, tcp, http, status, timeout })
    this.print(renderProbes(rounds, stdoutPaint()))
    this.exitWith(exitCode)
    return {
      ok: exitCode === 0,
      rounds: rounds.map(({ service, results }) => ({ service, probes: results.map(toJson) })),
    }
  }
}

type Result = Awaited<ReturnType<typeof runProbes>>['rounds'][number]['results'][number]

const toJson = ({ probe, ok, detail, took }: Result): JsonObject => ({ probe, ok, detail, took_ms: toMillis(took) })
