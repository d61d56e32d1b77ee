/**
 * What the decode pool costs and gains: start, overhead for each file against decoding on the calling thread, and many
 * files at once with one worker and with several. Needs `npm run build`.
 *
 *   npm run bench -- decode-pool
 *
 * Both ways read the same files from disk and take turns, so that a busy machine slows both.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDicom } from '../src/engine/image/dicom/write'
import { encodePng } from '../src/engine/image/encode'
import { FileKeeper } from '../src/engine/image/pool/file-keeper'
import { DecodePool } from '../src/engine/image/pool/pool'
import { runTask } from '../src/engine/image/pool/task'
import { decodeWorkerFile } from '../src/engine/image/pool/worker-file'
import { Random } from '../src/engine/tensor/random'
import { nifti } from '../test/fuzz/seeds'
import { median } from './pytorch'

const rounds = 300

/** Smooth with some noise, so that it packs as scans do. */
function scan(side: number, random: Random): Uint16Array {
  return Uint16Array.from({ length: side * side }, (_, i) => 1000 + 800 * Math.sin((i % side) / 40) * Math.cos(i / side / 55) + random.integer(24))
}

const time = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

export default async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  const random = new Random('decode pool')
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  const dicom = (side: number) => writeDicom({ kind: 'computed-radiography', modality: 'CR', width: side, height: side, pixels: scan(side, random), bitsStored: 12 })
  const png = (side: number) => encodePng({ width: side, height: side, samples: 1, data: scan(side, random) })
  const files = {
    'PNG 64 × 64': file('64.png', png(64)),
    'DICOM 64 × 64': file('64.dcm', dicom(64)),
    'PNG 512 × 512': file('512.png', png(512)),
    'DICOM 512 × 512': file('512.dcm', dicom(512)),
    'DICOM 2048 × 2048': file('2048.dcm', dicom(2048)),
  }
  const volume = file('volume.nii', nifti([256, 256, 160], 4, 16))
  const pools: DecodePool[] = []
  const open = (size: number): DecodePool => {
    pools.push(new DecodePool({ workerFile: decodeWorkerFile(), size }))
    return pools.at(-1)!
  }

  try {
    const starts: number[] = []
    for (let i = 0; i < 7; i++) starts.push(await time(() => open(1).run({ kind: 'frame', path: files['DICOM 64 × 64'] })))
    console.log(`start, with a first small DICOM: ${median(starts).toFixed(0)} ms`)

    const pool = open(1)
    const keeper = new FileKeeper(false)
    for (const [name, path] of Object.entries(files)) {
      const count = path.includes('2048') ? rounds / 10 : rounds
      const here: number[] = []
      const there: number[] = []
      for (let i = 0; i < count; i++) {
        here.push(await time(() => runTask({ kind: 'frame', path }, keeper)))
        there.push(await time(() => pool.run({ kind: 'frame', path })))
      }
      const [a, b] = [median(here), median(there)]
      console.log(`${name.padEnd(20)} in place ${a.toFixed(2).padStart(7)} ms   in the pool ${b.toFixed(2).padStart(7)} ms   ${b >= a ? '+' : '−'}${Math.abs(b - a).toFixed(2)} ms, × ${(b / a).toFixed(2)}`)
    }

    const slices: number[] = []
    for (let i = 0; i < 160; i++) slices.push(await time(() => pool.run({ kind: 'frame', path: volume, frame: i })))
    console.log(`scrolling 160 slices of 256 × 256 of an open volume: ${median(slices).toFixed(2)} ms each, ${Math.max(...slices.slice(1)).toFixed(1)} at most after the first`)

    const many = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? files['PNG 512 × 512'] : files['DICOM 512 × 512']))
    const all = (target: DecodePool) => time(() => Promise.all(many.map((path) => target.run({ kind: 'frame', path }))))
    const inPlace = () =>
      time(async () => {
        for (const path of many) await runTask({ kind: 'frame', path }, keeper)
      })
    const several = open(Math.min(4, Math.max(2, availableParallelism())))
    await Promise.all([all(pool), all(several)])
    const results = { 'in place': [] as number[], 'one worker': [] as number[], [`${Math.min(4, Math.max(2, availableParallelism()))} workers`]: [] as number[] }
    const [first, second, third] = Object.values(results) as [number[], number[], number[]]
    for (let i = 0; i < 5; i++) {
      first.push(await inPlace())
      second.push(await all(pool))
      third.push(await all(several))
    }
    for (const [name, times] of Object.entries(results))
      console.log(`${many.length} files, ${name.padEnd(10)} ${(many.length / (median(times) / 1000)).toFixed(0).padStart(5)} files per second   × ${(median(first) / median(times)).toFixed(2)}`)
  } finally {
    await Promise.all(pools.map((pool) => pool.close()))
    rmSync(folder, { recursive: true, force: true })
  }
}
