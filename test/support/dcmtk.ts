/** DCMTK, where it is installed: other people's reader for the DICOM files that we write. */
import { spawnSync } from 'node:child_process'

export const haveDcmtk = ['dcmdump', 'dcm2pnm'].every((command) => spawnSync(command, ['--version']).status === 0)
if (!haveDcmtk) console.log('SKIPPED: DCMTK is not installed, files are not shown to dcmdump and dcm2pnm')

export interface Said {
  status: number | null
  stdout: string
  /** Warnings, errors and what it died of. */
  complaints: string[]
}

export function dcmtk(command: 'dcmdump' | 'dcm2pnm', ...args: string[]): Said {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'latin1', maxBuffer: 2 ** 28 })
  return { status, stdout, complaints: stderr.split('\n').filter((line) => /^[WEF]:/.test(line)) }
}
