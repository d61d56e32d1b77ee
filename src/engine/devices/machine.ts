/**
 * What the speed and the kernels of a machine depend on, as one line: when it changes, what was measured before no
 * longer counts. It is a key, and a sentence for people.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { knownAbsent, presentProviders } from '../runtime/providers'
import { ortBinding } from '../runtime/session'

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** Vendor, device and driver of each graphics card, and NVIDIA's own version where it is there. */
function linuxGraphics(): string[] {
  const drm = '/sys/class/drm'
  const cards = existsSync(drm) ? readdirSync(drm).filter((name) => /^(card|renderD)\d+$/.test(name)) : []
  const described = cards.map((card) => {
    const device = join(drm, card, 'device')
    const driver = /^DRIVER=(.*)$/m.exec(text(join(device, 'uevent')))?.[1] ?? ''
    return [text(join(device, 'vendor')), text(join(device, 'device')), driver].filter(Boolean).join(' ')
  })
  const nvidia = text('/proc/driver/nvidia/version').split('\n')[0]!
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES ?? ''
  return [...new Set([...described, nvidia, named])].filter(Boolean).sort()
}

/** Name and version of each display driver, as the registry has them. */
async function windowsGraphics(): Promise<string[]> {
  const displays = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}`
  const asked = ['DriverDesc', 'DriverVersion'].map((value) => promisify(execFile)('reg', ['query', displays, '/s', '/v', value], { timeout: 3000, windowsHide: true }))
  const answers = await Promise.all(asked).catch(() => [])
  return [...new Set(answers.flatMap(({ stdout }) => [...stdout.matchAll(/REG_SZ\s+(.+?)\s*$/gm)].map((match) => match[1]!)))].sort()
}

/** On a Mac the drivers belong to the system, and the processor's name is that of the graphics. */
async function graphics(): Promise<string[]> {
  if (process.platform === 'linux') return linuxGraphics()
  return process.platform === 'win32' ? windowsGraphics() : []
}

/** @param version of Assay: it writes the graphs */
export async function machineKey(version: string): Promise<string> {
  const processors = cpus()
  const ort = await ortBinding()
  const [absent, present] = [true, false].map((wanted) => presentProviders().filter((provider) => (knownAbsent(provider) !== undefined) === wanted).join(', '))
  return [
    `${process.platform}-${process.arch} ${release()}`,
    `${processors.length} × ${processors[0]?.model.trim() ?? 'processor'}`,
    ...(await graphics()),
    `${present}${absent ? ` without ${absent}` : ''}`,
    `ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common}`,
    `Assay ${version}`,
  ].join('; ')
}
