/**
 * The command line as a whole: its commands, its help, and how wrong usage is reported.
 */
import { Command, CommanderError } from 'commander'
import { researchUseOnly } from '../shared/notice'
import { version } from '../engine/places'
import { addAnonymise } from './commands/anonymise'
import { addAttack } from './commands/attack'
import { addAudit } from './commands/audit'
import { addCalibrate } from './commands/calibrate'
import { addConvert } from './commands/convert'
import { addDevices } from './commands/devices'
import { addGradcheck } from './commands/gradcheck'
import { addHistory } from './commands/history'
import { addImport } from './commands/import'
import { addInspect } from './commands/inspect'
import { addPhantoms } from './commands/phantoms'
import { addScan } from './commands/scan'
import { addServe } from './commands/serve'
import { addTrain } from './commands/train'
import { helpOf } from './environment'
import type { CliEnvironment } from './environment'
import { printFailure, usageError } from './terminal'
import type { ExitCode } from './terminal'

const examples = `
Examples:
  assay scan study.dcm --bundle chest-xray --out results
  assay serve

Exit code: 0 done, 1 failed, 2 wrong usage, 3 done but some inputs could not be read.
${researchUseOnly}`

export function createProgram(environment: CliEnvironment): Command {
  const { stdout, stderr } = environment.terminal
  const program = new Command('assay')
    .description('Finds out whether a medical image was tampered with to fool a classifier, and shows where.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Printed by runCli in the one form that all errors have.
      outputError: () => {},
    })
    .addHelpText('after', examples)
  for (const add of [addScan, addAttack, addAudit, addTrain, addCalibrate, addImport, addInspect, addGradcheck, addConvert, addAnonymise, addDevices, addPhantoms, addHistory, addServe]) add(program, environment)
  return program
}

/** The command that the words lead to, as far as there is one. */
function meant(program: Command, words: readonly string[]): Command {
  const next = program.commands.find((command) => command.name() === words[0])
  return next ? meant(next, words.slice(1)) : program
}

/** Runs one command line. @param args Without node and the script. */
export async function runCli(args: string[], environment: CliEnvironment): Promise<ExitCode> {
  const program = createProgram(environment)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) return printFailure(environment.terminal, error, args.includes('--json'))
    // Help and version are thrown too, with exit code 0; help in place of a missing command is wrong usage.
    if (error.exitCode === 0) return 0
    if (error.code === 'commander.help') return 2
    const message = error.message.replace(/^error: /, '').replace('\n', ' ').replace(/\.?$/, '')
    return printFailure(environment.terminal, usageError(`${message}; see ${helpOf(meant(program, args))}.`), args.includes('--json'))
  }
  return environment.exitCode
}
