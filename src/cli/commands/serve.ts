/**
 * `assay serve`: the interface on the loopback host, until Ctrl+C.
 */
import { join } from 'node:path'
import type { Command } from 'commander'
import { applicationRoot } from '../../engine/places'
import { startHost } from '../../host/server'
import type { CliEnvironment } from '../environment'
import { printFailure } from '../terminal'
import { port as portNumber } from '../values'

export function addServe(program: Command, environment: CliEnvironment): void {
  program
    .command('serve')
    .description('the interface in a browser, on this machine only')
    .option('--port <n>', 'port; any free one when not given', portNumber, 0)
    .option('--json', 'print the address as one JSON object on stdout')
    .action(async ({ port, json = false }: { port: number; json?: boolean }) => {
      const { terminal, signals } = environment
      const client = environment.openEngine()
      try {
        const host = await startHost({ client, port, rendererFolder: join(applicationRoot(), 'out', 'renderer') })
        terminal.stdout.write(json ? `${JSON.stringify({ url: host.url, port: host.port })}\n` : `Assay is at ${host.url}\n`)
        terminal.stderr.write('Open the address in a browser on this machine; Ctrl+C ends it.\n')
        await new Promise<void>((resolve) => {
          let asked = 0
          const stop = (): void => {
            asked += 1
            if (asked > 1) environment.quit(1)
            else resolve()
          }
          for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) signals.on(signal, stop)
        })
        await host.close()
      } catch (error) {
        environment.exitCode = printFailure(terminal, error, json)
      } finally {
        await client.stop()
      }
    })
}
