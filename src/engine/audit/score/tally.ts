/** The lines of an audit sorted into what scoring asks for. */
import type { AttackedRecord, AuditRecord, AuditRun, CheckRecord, ImageRecord, UnreadableRecord } from '../../../shared/audit'
import { chunkSize, type AuditJob } from '../audit-folder'

export interface Tally {
  readonly job: AuditJob
  /** In the order of their numbers. */
  readonly images: readonly ImageRecord[]
  readonly unreadable: readonly UnreadableRecord[]
  readonly checks: readonly CheckRecord[]
  /** By run, then by image. */
  readonly attacked: ReadonlyMap<string, ReadonlyMap<number, AttackedRecord>>
  /** Chunks done, by run; `clean` stands for the images as they are. */
  readonly chunks: ReadonlyMap<string, ReadonlySet<number>>
  /** Time spent attacking, by run. */
  readonly seconds: ReadonlyMap<string, number>
}

/** The run of lines on the images as they are. */
export const cleanRun = 'clean'

export function tally(job: AuditJob, records: Iterable<AuditRecord>): Tally {
  const images: ImageRecord[] = []
  const unreadable: UnreadableRecord[] = []
  const checks: CheckRecord[] = []
  const attacked = new Map<string, Map<number, AttackedRecord>>()
  const chunks = new Map<string, Set<number>>()
  const seconds = new Map<string, number>()
  for (const record of records)
    switch (record.kind) {
      case 'image':
        images.push(record)
        break
      case 'unreadable':
        unreadable.push(record)
        break
      case 'check':
        checks.push(record)
        break
      case 'attacked':
        if (!attacked.has(record.run)) attacked.set(record.run, new Map())
        attacked.get(record.run)!.set(record.image, record)
        break
      case 'chunk':
        if (!chunks.has(record.run)) chunks.set(record.run, new Set())
        chunks.get(record.run)!.add(record.chunk)
        seconds.set(record.run, (seconds.get(record.run) ?? 0) + record.seconds)
    }
  images.sort((a, b) => a.image - b.image)
  return { job, images, unreadable, checks, attacked, chunks, seconds }
}

/** Chunks of an audit. */
export const chunkCount = ({ data }: Pick<AuditJob, 'data'>): number => Math.ceil(data.chosen / chunkSize)

export const isComplete = ({ job, chunks }: Tally, run: string): boolean => (chunks.get(run)?.size ?? 0) === chunkCount(job)

/** Images that a run has come to: those of its finished chunks, and of those the ones that it speaks for. */
export function imagesOf({ images, chunks }: Tally, run: AuditRun): readonly ImageRecord[] {
  const done = chunks.get(run.id)
  return images.filter(({ image }) => done?.has(Math.floor(image / chunkSize)) && image % (run.every ?? 1) === 0)
}

export const recordsOf = ({ attacked }: Tally, run: Pick<AuditRun, 'id'>): ReadonlyMap<number, AttackedRecord> => attacked.get(run.id) ?? new Map()

/** What a run aims at: the classifier behind the purifier, or bare. */
export const ownDefence = ({ threat }: Pick<AuditRun, 'threat'>, { bundle }: Pick<AuditJob, 'bundle'>): string => (bundle.purifier !== null && (threat === 'adaptive' || threat === 'blackbox') ? 'purifier' : 'none')
