/**
 * Writes the application's icons anew from `resources/icons/icon.svg`: PNG for Linux, ICO for Windows, ICNS for macOS.
 * Chromium draws, so that a picture looks as it does on the page. To be run when the drawing changes; what it writes is
 * in the repository.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { chromiumPath } from './chromium.mjs'

const folder = join(import.meta.dirname, '..', 'resources', 'icons')
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024]
const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512]
const windowsSizes = [16, 24, 32, 48, 64, 128, 256]
/** Apple's four letters for PNG pictures of each size; those ending in the second half are for screens of double density. */
const macTypes = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 }

async function draw() {
  const browser = await chromium.launch({ executablePath: chromiumPath() ?? undefined, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage()
    const svg = readFileSync(join(folder, 'icon.svg'), 'utf8')
    const pictures = new Map()
    for (const size of sizes) {
      await page.setViewportSize({ width: size, height: size })
      await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`)
      pictures.set(size, await page.screenshot({ omitBackground: true }))
    }
    return pictures
  } finally {
    await browser.close()
  }
}

/** A directory of 16 bytes for each picture, then the PNG files themselves (Windows Vista and later). */
function ico(pictures) {
  const header = Buffer.alloc(6)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(pictures.length, 4)
  let offset = 6 + 16 * pictures.length
  const entries = pictures.map(([size, png]) => {
    const entry = Buffer.alloc(16)
    // 256 is written as 0.
    entry.writeUInt8(size % 256, 0)
    entry.writeUInt8(size % 256, 1)
    entry.writeUInt16LE(1, 4)
    entry.writeUInt16LE(32, 6)
    entry.writeUInt32LE(png.length, 8)
    entry.writeUInt32LE(offset, 12)
    offset += png.length
    return entry
  })
  return Buffer.concat([header, ...entries, ...pictures.map(([, png]) => png)])
}

/** Blocks of four letters, their length with these eight bytes, and a PNG file. */
function icns(pictures) {
  const block = (type, body) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32BE(8 + body.length, 4)
    return Buffer.concat([head, body])
  }
  return block('icns', Buffer.concat(pictures.map(([type, png]) => block(type, png))))
}

const pictures = await draw()
mkdirSync(join(folder, 'linux'), { recursive: true })
for (const size of linuxSizes) writeFileSync(join(folder, 'linux', `${size}x${size}.png`), pictures.get(size))
writeFileSync(join(folder, 'icon.png'), pictures.get(256))
writeFileSync(join(folder, 'icon.ico'), ico(windowsSizes.map((size) => [size, pictures.get(size)])))
writeFileSync(join(folder, 'icon.icns'), icns(Object.entries(macTypes).map(([type, size]) => [type, pictures.get(size)])))
