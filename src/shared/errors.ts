/**
 * Every failure a person can meet, as a union on `code`.
 *
 * The message is one sentence that says what to do. Facts carry what a program wants to know (a path, an operator,
 * a hash) and never patient data. Errors cross process borders as plain objects: `serializeError` / `AssayError.from`.
 * Nothing is imported here: workers that live for a moment load this file, too.
 */
export const errorCodes = [
  // files and pictures
  'file-not-found',
  'file-empty',
  'file-unreadable',
  'image-format-unknown',
  'image-truncated',
  'image-corrupt',
  'image-too-large',
  'image-unsupported',
  'dicom-no-pixels',
  'dicom-transfer-syntax-unsupported',
  'decode-timeout',
  'decode-out-of-memory',
  // bundles and models
  'bundle-not-found',
  'bundle-invalid',
  'bundle-hash-mismatch',
  'bundle-incomplete',
  'onnx-invalid',
  'onnx-shape-unknown',
  'onnx-operator-unsupported',
  'onnx-operator-not-differentiable',
  // running
  'provider-unavailable',
  'runtime-failed',
  'output-not-writable',
  'disk-full',
  'data-set-invalid',
  'checkpoint-invalid',
  'job-not-found',
  'result-not-found',
  'invalid-arguments',
  'cancelled',
  'engine-stopped',
  'internal',
] as const

export type AssayErrorCode = (typeof errorCodes)[number]

/** What a program wants to know of an error; never patient data. */
export type ErrorFacts = Record<string, string | number | boolean>

/** An error as a plain object; `error-schema.ts` checks one from elsewhere. */
export interface SerializedError {
  code: AssayErrorCode
  message: string
  facts: ErrorFacts
}

export class AssayError extends Error {
  override readonly name = 'AssayError'
  constructor(
    readonly code: AssayErrorCode,
    message: string,
    readonly facts: ErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  static from(serialized: SerializedError): AssayError {
    return new AssayError(serialized.code, serialized.message, serialized.facts)
  }
}

/** System error numbers that mean something to the person at the keyboard. */
const systemErrors: Record<string, { code: AssayErrorCode; sentence: (path: string) => string }> = {
  ENOENT: {
    code: 'file-not-found',
    // What a name in another encoding becomes when it is read as UTF-8.
    sentence: (p) => (p.includes('\ufffd') ? `The name of ${p} is not written in UTF-8; rename it.` : `There is no file or folder ${p}; check the path.`),
  },
  EACCES: { code: 'file-unreadable', sentence: (p) => `Access to ${p} was refused; check its permissions.` },
  EPERM: { code: 'file-unreadable', sentence: (p) => `Access to ${p} was refused; check its permissions.` },
  EISDIR: { code: 'file-unreadable', sentence: (p) => `${p} is a folder where a file was expected.` },
  ENOTDIR: { code: 'file-unreadable', sentence: (p) => `${p} is a file where a folder was expected.` },
  ELOOP: { code: 'file-unreadable', sentence: (p) => `${p} is a link that leads to itself; choose the file that is meant.` },
  ENAMETOOLONG: { code: 'file-unreadable', sentence: (p) => `${p} is longer than a path can be; use a shorter one.` },
  EIO: { code: 'file-unreadable', sentence: (p) => `The disk or network failed while ${p} was read; check the connection and try again.` },
  EBUSY: { code: 'file-unreadable', sentence: (p) => `${p} is in use by another program; close it there and try again.` },
  ENOSPC: { code: 'disk-full', sentence: () => 'The disk is full; free some space and start again, with --resume where the command knows it.' },
  EDQUOT: { code: 'disk-full', sentence: () => 'The disk quota is used up; free some space and start again, with --resume where the command knows it.' },
  EROFS: { code: 'output-not-writable', sentence: (p) => `${p} is on a read-only disk; choose another folder.` },
}

/** Any thrown value as an AssayError; what nobody foresaw becomes `internal`. */
export function toAssayError(error: unknown): AssayError {
  if (error instanceof AssayError) return error
  if (error instanceof Error) {
    const { code, path } = error as NodeJS.ErrnoException
    const known = code === undefined ? undefined : systemErrors[code]
    if (known) return new AssayError(known.code, known.sentence(path ?? 'the path'), path ? { path } : {}, { cause: error })
    if (error.name === 'AbortError') return new AssayError('cancelled', 'Cancelled.', {}, { cause: error })
    return new AssayError('internal', `Something went wrong inside Assay: ${error.message}`, {}, { cause: error })
  }
  return new AssayError('internal', `Something went wrong inside Assay: ${String(error)}`)
}

export function serializeError(error: unknown): SerializedError {
  const { code, message, facts } = toAssayError(error)
  return { code, message, facts }
}
