/**
 * The software adapter for WebGPU that Debian's Chromium ships: the same kernels as on a graphics card, hundreds of times
 * slower. To be imported before the first session of a process: the Vulkan loader reads the environment once.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const icd = '/usr/lib/chromium/vk_swiftshader_icd.json'
// Chromium has a loader of its own, which others' programs do not find.
const loader = 'libvulkan.so.1'
const haveLoader = (): boolean => spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout?.includes(loader) ?? false

export const haveAdapter = process.platform === 'linux' && existsSync(icd) && haveLoader()
if (!haveAdapter) console.log(`SKIPPED: no software adapter for WebGPU (${icd}, ${loader}) on this machine`)

const runtimeFolder = mkdtempSync(join(tmpdir(), 'assay-vulkan-'))
if (haveAdapter) Object.assign(process.env, { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, XDG_RUNTIME_DIR: runtimeFolder })
afterAll(() => rmSync(runtimeFolder, { recursive: true, force: true }))
