/**
 * Which execution providers exist where, and in which order `auto` tries them. The one table where platforms differ.
 *
 * `['webgpu', 'cpu']` given to ONNX Runtime does not fall back by itself when there is no adapter (it throws), so the
 * chain is walked by session.ts.
 */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Provider, ProviderChoice } from '../../shared/types'

/** Fastest first, as far as one can tell without measuring. CUDA is opt-in: its library is not part of the package. */
const byPlatform: Record<string, readonly Provider[]> = {
  'linux-x64': ['webgpu', 'cpu'],
  'linux-arm64': ['cpu'],
  'win32-x64': ['webgpu', 'dml', 'cpu'],
  'win32-arm64': ['webgpu', 'dml', 'cpu'],
  'darwin-arm64': ['webgpu', 'coreml', 'cpu'],
}

export function platformProviders(platform = `${process.platform}-${process.arch}`): readonly Provider[] {
  return byPlatform[platform] ?? ['cpu']
}

/** Those of the platform, and CUDA where somebody has installed its library. */
export function presentProviders(): readonly Provider[] {
  return cudaLibrary() ? ['cuda', ...platformProviders()] : platformProviders()
}

let cuda: boolean | undefined
function cudaLibrary(): boolean {
  const file = { linux: 'libonnxruntime_providers_cuda.so', win32: 'onnxruntime_providers_cuda.dll' }[process.platform as string]
  if (cuda === undefined && file !== undefined)
    try {
      // The package's entry is `dist/index.js`; its libraries lie in `bin/`, below the version of Node's interface.
      const folder = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..', 'bin')
      cuda = readdirSync(folder).some((api) => existsSync(join(folder, api, process.platform, process.arch, file)))
    } catch {
      cuda = false
    }
  return cuda ?? false
}

/** Providers to try, in order. A named provider stands alone: whoever names one wants that one or an error. */
export function providerChain(choice: ProviderChoice): readonly Provider[] {
  return choice === 'auto' ? presentProviders() : [choice]
}

/**
 * Why `auto` leaves a provider out without asking its driver, or undefined when it is worth asking. A driver that finds
 * no graphics hardware costs a tenth of a second, prints warnings past every log level, or answers with an emulation
 * that is slower than the CPU provider. Whoever names a provider gets it tried all the same.
 */
export function knownAbsent(provider: Provider, platform: string = process.platform): string | undefined {
  if (provider !== 'webgpu' || platform !== 'linux' || linuxGraphicsHardware()) return undefined
  return 'there is no graphics hardware on this machine'
}

/**
 * Kernel devices of GPUs: DRM render nodes, NVIDIA's own, and that of the Windows subsystem for Linux. Who names a
 * Vulkan driver to the loader wants it looked at, hardware or not.
 */
function linuxGraphicsHardware(): boolean {
  if (process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES) return true
  if (['/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path))) return true
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'))
}
