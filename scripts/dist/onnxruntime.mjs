/**
 * Which of ONNX Runtime's libraries belong into which installer. The package holds five sets, 290 MB together, in
 * `bin/<Node-API>/<platform>/<processor>/`, and loads the one that fits when it starts.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export const binFolder = 'node_modules/onnxruntime-node/bin'

/** On a Mac the library is there twice, byte for byte, since npm knows no links. Programs load the short name. */
const copyNobodyLoads = `${binFolder}/*/darwin/*/libonnxruntime.*.*.*.dylib`

/**
 * Patterns for electron-builder that leave out all sets but one. It puts the processor in for `${arch}` itself, but would
 * take its own machine's for the platform.
 *
 * @param platform as `process.platform` names it
 */
export const foreignBinaries = (platform) => [
  `!${binFolder}/*/!(${platform}){,/**}`,
  `!${binFolder}/*/${platform}/!(\${arch}){,/**}`,
  `!${copyNobodyLoads}`,
]

/** The files of one set, as paths in the package's root. Empty where ONNX Runtime has none for it. */
export function ownBinaries(root, platform, arch) {
  return readdirSync(join(root, binFolder)).flatMap((nodeApi) => {
    try {
      const folder = `${binFolder}/${nodeApi}/${platform}/${arch}`
      return readdirSync(join(root, folder))
        .filter((name) => !/^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/.test(name))
        .map((name) => `${folder}/${name}`)
    } catch (error) {
      if (error.code === 'ENOENT') return []
      throw error
    }
  })
}
