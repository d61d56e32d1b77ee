/**
 * `THIRD-PARTY-LICENSES.txt`: the licences of all packages that installers pass on, whether they lie in the archive or are
 * bundled into the pages. Electron's and Chromium's own come with Electron, and lie beside the program.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export const licencesFile = 'out/THIRD-PARTY-LICENSES.txt'

const permission = {
  MIT: (holder) => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
  ISC: (holder) => `ISC License

Copyright (c) ${holder}

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
}

/** Where the manifest names a person and the files name somebody else. */
const holders = { 'onnxruntime-node': 'Microsoft Corporation', 'onnxruntime-common': 'Microsoft Corporation' }

const nameOf = (person) => (typeof person === 'string' ? person.replace(/\s*[<(].*/, '') : person?.name)

/** The texts that a package brings, or the text that the licence it names prescribes. */
function texts(folder, { name, license, author, contributors = [] }) {
  // Further down lie those of libraries that a package was compiled of; its own packages have entries of their own.
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(?:licen[cs]e|copying|notice|third.?party)[^/]*$/i.test(entry.name) && !/\.(?:[cm]?[jt]s|map)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !relative(folder, file).split(sep).includes('node_modules'))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .map((file) => readFileSync(file, 'utf8').trim())
  if (files.length > 0) return files
  const write = permission[license]
  if (!write) throw new Error(`${name} brings no text of its licence (${license}); add it to scripts/dist/licences.mjs.`)
  const holder = holders[name] || nameOf(author) || contributors.map(nameOf).filter(Boolean).join(', ') || `the authors of ${name}`
  return [write(holder)]
}

/**
 * @throws Error where a package names a licence whose text is nowhere
 * @returns {{ name: string, version: string, licence: string, texts: string[] }[]} by name
 */
export function packageLicences(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const found = new Map()
  for (const [path, { dev, optional, peer }] of Object.entries(packages)) {
    if (path === '' || dev) continue
    const folder = join(root, path)
    let manifest
    try {
      manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    } catch (error) {
      // For another system, and so in no installer of this one.
      if (error.code === 'ENOENT' && (optional || peer)) continue
      throw error
    }
    const { name, version, license } = manifest
    const full = texts(folder, manifest)
    // Some name it in the text's first line alone.
    found.set(`${name} ${version}`, { name, version, licence: license ?? full[0].split('\n')[0].replace(/ License$/, ''), texts: full })
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const rule = '='.repeat(80)

export function licencesText(root) {
  const licences = packageLicences(root)
  return `${[
    'Assay is made of the following packages, beside Electron, whose licences lie beside the program.',
    'ONNX Runtime and the image codecs contain further libraries; their notices:',
    '  https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt',
    '  https://github.com/cornerstonejs/codecs (OpenJPEG, OpenJPH, libjpeg-turbo)',
    '  https://github.com/PantelisGeorgiadis/dcmjs-codecs (IJG JPEG as in DCMTK, libjxl)',
    ...licences.map(({ name, version, licence, texts }) => `\n${rule}\n${name} ${version} (${licence})\n${rule}\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}`),
  ].join('\n')}\n`
}

export const writeLicences = (root) => writeFileSync(join(root, licencesFile), licencesText(root))
