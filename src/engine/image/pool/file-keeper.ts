/**
 * Keeps the last file of several frames open, so that scrolling neither reads nor parses it again.
 */
import { assertRecognised, openImage } from '../decode'
import type { ImageFile } from '../decoded-image'
import type { FileIdentity } from './read-file'
import { ordinaryBytes } from './limits'
import { identify, readBeginning, readWhole } from './read-file'

/** Larger files are read again for each frame. */
const maximumKeptBytes = 512 * 2 ** 20

/** By so much every format is recognised. */
const beginningBytes = 2 ** 20

export interface Opened {
  bytes: number
  framesAtOnce: number
}

export class FileKeeper {
  private kept: { path: string; key: string; bytes: Uint8Array; file: ImageFile } | undefined

  /** @param onOpened is told how much work a file is, before it is decoded */
  constructor(
    private readonly keep: boolean,
    private readonly onOpened: (opened: Opened) => void = () => undefined,
  ) {}

  get keptPath(): string | undefined {
    return this.kept?.path
  }

  /** Lets go of a file whose memory was given away. */
  forget(): void {
    this.kept = undefined
  }

  async open(path: string, { allFrames = false } = {}): Promise<ImageFile> {
    const identity = identify(path)
    const file = this.kept?.key === identity.key ? this.kept.file : await this.openAnew(path, identity)
    if (allFrames) this.onOpened({ bytes: identity.bytes, framesAtOnce: file.frames })
    return file
  }

  bytes(path: string): Uint8Array {
    const identity = identify(path)
    return this.kept?.key === identity.key ? this.kept.bytes : this.read(path, identity)
  }

  private async openAnew(path: string, identity: FileIdentity): Promise<ImageFile> {
    const bytes = this.read(path, identity)
    const file = await openImage(bytes, path)
    if (this.keep && file.frames > 1 && identity.bytes <= maximumKeptBytes) this.kept = { path, key: identity.key, bytes, file }
    return file
  }

  private read(path: string, identity: FileIdentity): Uint8Array {
    // Before the next is read: two large files at once are one too many.
    this.kept = undefined
    // Disk images and archives are refused before gigabytes of them are read.
    if (identity.bytes > ordinaryBytes) assertRecognised(readBeginning(path, identity, beginningBytes), path)
    this.onOpened({ bytes: identity.bytes, framesAtOnce: 1 })
    return readWhole(path, identity)
  }
}
