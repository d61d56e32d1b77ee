/**
 * Audits taken up again, for the interface: listed, reported while they run and afterwards, and their images looked at
 * one by one. Also what a form needs to ask for one: the attacks there are, and the plan.
 */
import { readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import type { AttackDescription, AuditPlan, AuditReport, AuditSummary, AuditView, AuditImage, Norm } from '../../shared/audit'
import { AssayError } from '../../shared/errors'
import { jobParameters } from '../../shared/job-parameters'
import type { JobParameters } from '../../shared/job-parameters'
import type { Artifact, Job, Provider } from '../../shared/types'
import { attacks } from '../attacks/registry'
import { loadBundle } from '../bundle/load'
import { verdictFingerprint } from '../bundle/manifest'
import type { ByteStore, EnginePlaces } from '../jobs/definition'
import { jobFolder, listRecords, readRecord } from '../jobs/records'
import { auditFolder } from './audit-job'
import { isAudit, readAuditJob, readRecords, type AuditJob } from './audit-folder'
import { describeAttack } from './describe-attack'
import { findRun, imagesOfRun, openAudit, pixelsOf } from './images'
import { openJudge, type Judge } from './judge'
import { planAudit } from './plan'
import { attackTitle } from './runs'
import { reportOf } from './score/report'
import { differencePlane, imagePlane, type ModelPlane } from '../screening/model-planes'
import { bytesOf } from '../tensor/tensor'

const mediaTypes: Record<string, string> = { '.html': 'text/html', '.pdf': 'application/pdf', '.csv': 'text/csv', '.json': 'application/json' }

/** Newest jobs among which audits are looked for: a hundred scans must not push an audit out of the list. */
const searched = 1000

/** An audit by its job or by the folder that it was written into. */
export interface AuditPlace {
  jobId?: string
  folder?: string
}

interface AuditRunAt extends AuditPlace {
  run: string
  /** At which a minimum-norm run is counted. */
  eps?: number
}

/**
 * Whether the audit in a folder is not the one that a job asked for: the job was refused, or will be, since it does not go
 * on with what is there.
 */
async function isOfAnother(folder: string, { out, resume }: JobParameters['audit'], { state, startedAt }: Pick<Job, 'state' | 'startedAt'>): Promise<boolean> {
  // Of what is done nothing has to be read: it was not refused.
  if (out === undefined || resume || state === 'done') return false
  const there = await readAuditJob(folder).catch(() => null)
  return there !== null && (state === 'queued' || Date.parse(there.started) < startedAt)
}

export class AuditDesk {
  private kept: { key: string; judge: Judge } | undefined
  /** One at a time: a session must not be released while another call runs it. */
  private queue: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly places: Pick<EnginePlaces, 'dataFolder' | 'bundleFolders' | 'version'>,
    private readonly bytes: ByteStore,
  ) {}

  attacks(norm: Norm, epsilon: number): AttackDescription[] {
    return attacks.map((attack) => describeAttack(attack, norm, epsilon))
  }

  plan(parameters: JobParameters['audit']): Promise<AuditPlan> {
    return this.inTurn(() => planAudit(parameters, this.places))
  }

  /** @param known jobs of this engine as they stand: the record of one that runs cannot be told from one that was cut off */
  async list(known: readonly Job[]): Promise<AuditSummary[]> {
    const audits = (await listRecords(this.places.dataFolder, searched)).filter(({ job }) => job.kind === 'audit')
    const folders = new Set<string>()
    const listed: AuditSummary[] = []
    // Newest first; an audit that was gone on with has several jobs and one folder.
    for (const { job, parameters } of audits) {
      const asked = jobParameters.audit.safeParse(parameters)
      if (!asked.success) continue
      const { id: jobId, title, state, startedAt, endedAt } = known.find(({ id }) => id === job.id) ?? job
      const folder = auditFolder(asked.data, jobFolder(this.places.dataFolder, jobId))
      // One that was refused must not stand in for the audit that lies there.
      if (!(await isOfAnother(folder, asked.data, { state, startedAt }))) {
        if (folders.has(folder)) continue
        folders.add(folder)
      }
      listed.push({ jobId, folder, title, state, bundle: asked.data.bundle, data: asked.data.data, startedAt, endedAt })
    }
    return listed
  }

  /** @returns null of a job that has not come to writing anything. @throws AssayError `job-not-found`, `result-not-found` where an audit was and is no more */
  async report(place: AuditPlace): Promise<AuditReport | null> {
    const folder = await this.folderOf(place)
    const job = place.folder === undefined ? (await readRecord(this.places.dataFolder, place.jobId!))?.job : undefined
    if (job && job.state !== 'done' && (!(await isAudit(folder)) || (await isOfAnother(folder, await this.askedFor(job.id), job)))) return null
    return reportOf(await readAuditJob(folder), await readRecords(folder))
  }

  /** The parameters with which an audit goes on in its own folder. @throws AssayError `job-not-found` */
  async resumed(jobId: string): Promise<JobParameters['audit']> {
    return { ...(await this.askedFor(jobId)), out: await this.folderOf({ jobId }), resume: true }
  }

  /** @throws AssayError `job-not-found`, `result-not-found` for a file that is not there (yet) */
  async export({ file, ...place }: AuditPlace & { file: string }): Promise<Artifact> {
    const path = join(await this.folderOf(place), file)
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw new AssayError('result-not-found', `The audit has no ${file}; it is written at its end.`, { path }, { cause })
    })
    const mediaType = mediaTypes[extname(file)]!
    return { id: this.bytes.put({ bytes, mediaType, fileName: file }), fileName: file, mediaType, bytes: bytes.length }
  }

  /** @throws AssayError `job-not-found`, `result-not-found` */
  async images({ run, eps, ...place }: AuditRunAt): Promise<AuditImage[]> {
    const audit = await openAudit(await this.folderOf(place))
    return imagesOfRun(audit, findRun(audit, run), eps)
  }

  /** @throws AssayError `job-not-found`, `result-not-found`; `bundle-hash-mismatch` when the bundle has changed since */
  image({ run: id, eps, image, ...place }: AuditRunAt & { image: number }): Promise<AuditView> {
    return this.inTurn(async () => {
      const audit = await openAudit(await this.folderOf(place))
      const run = findRun(audit, id)
      const record = imagesOfRun(audit, run, eps).find((candidate) => candidate.image === image)
      if (!record) throw new AssayError('result-not-found', `There is no image ${image} in this audit.`, { image })
      const clean = await pixelsOf(audit, null, image)
      const attacked = record.attacked && (await pixelsOf(audit, run, image))
      const purified = audit.job.bundle.purifier === null ? null : await (await this.judgeOf(audit.job)).purified(attacked ?? clean)
      const { input } = audit.job.bundle
      const put = ({ description, values }: ModelPlane) => ({ id: this.bytes.put({ bytes: bytesOf(values), mediaType: 'application/octet-stream' }), ...description })
      return {
        run,
        title: attackTitle(run, audit.job.classes.length),
        classes: audit.job.classes,
        record,
        clean: put(imagePlane(clean, input)),
        attacked: attacked && put(imagePlane(attacked, input)),
        purified: purified && put(imagePlane(purified, input)),
        difference: attacked && put(differencePlane(clean, attacked, input)),
      }
    })
  }

  /** Releases the models. */
  close(): Promise<void> {
    return this.inTurn(async () => {
      await this.kept?.judge.release()
      this.kept = undefined
    })
  }

  private async folderOf({ jobId, folder }: AuditPlace): Promise<string> {
    if (folder !== undefined) return resolve(folder)
    return auditFolder(await this.askedFor(jobId), jobFolder(this.places.dataFolder, jobId ?? ''))
  }

  private async askedFor(jobId: string | undefined): Promise<JobParameters['audit']> {
    const record = jobId === undefined ? null : await readRecord(this.places.dataFolder, jobId)
    const asked = record?.job.kind === 'audit' ? jobParameters.audit.safeParse(record.parameters) : undefined
    if (!asked?.success) throw new AssayError('job-not-found', 'There is no such audit.', { jobId: (jobId ?? '').slice(0, 80) })
    return asked.data
  }

  private async judgeOf({ bundle: { id, path, fingerprint }, provider }: AuditJob): Promise<Judge> {
    const key = `${path} ${fingerprint} ${provider}`
    if (this.kept?.key === key) return this.kept.judge
    const bundle = await loadBundle(path)
    if (verdictFingerprint(bundle.manifest) !== fingerprint) throw new AssayError('bundle-hash-mismatch', `The bundle ${id} has changed since this audit; audit it again.`, { bundle: id, path })
    await this.kept?.judge.release()
    this.kept = undefined
    const judge = await openJudge({ bundle, compare: [], defences: ['none', 'purifier'], provider: provider as Provider })
    this.kept = { key, judge }
    return judge
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work)
    this.queue = turn.catch(() => undefined)
    return turn
  }
}
